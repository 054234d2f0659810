//! Balancing.

use numpy::{IntoPyArray, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::balance;

/// Cells scaled until rows and columns have the sums that are wanted (GRAS); with the rounds and the largest relative gap.
#[pyfunction]
pub fn gras<'py>(
    py: Python<'py>,
    cells: PyReadonlyArray2<'py, f64>,
    rows: PyReadonlyArray1<'py, f64>,
    columns: PyReadonlyArray1<'py, f64>,
    tolerance: f64,
    most_rounds: usize,
) -> PyResult<(Bound<'py, PyArray2<f64>>, usize, f64)> {
    let (cells, rows, columns) = (cells.as_array(), rows.as_array(), columns.as_array());
    let (scaled, outcome) = py.detach(|| {
        let mut scaled = cells.to_owned();
        balance::gras(&mut scaled, rows, columns, tolerance, most_rounds).map(|outcome| (scaled, outcome))
    })?;
    Ok((scaled.into_pyarray(py), outcome.rounds, outcome.gap))
}

/// Cells (m, k) times log-normal errors; with totals of rows and columns scaled to them.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
#[pyo3(signature = (cells, sd, seed, number, totals, tolerance, most_rounds))]
pub fn disturb<'py>(
    py: Python<'py>,
    cells: PyReadonlyArray2<'py, f64>,
    sd: PyReadonlyArray2<'py, f64>,
    seed: u64,
    number: u64,
    totals: Option<(PyReadonlyArray1<'py, f64>, PyReadonlyArray1<'py, f64>)>,
    tolerance: f64,
    most_rounds: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (cells, sd) = (cells.as_array(), sd.as_array());
    let totals = totals.as_ref().map(|(rows, columns)| (rows.as_array(), columns.as_array()));
    let drawn = py.detach(|| balance::disturb(cells, sd, (seed, number), totals, tolerance, most_rounds))?;
    Ok(drawn.into_pyarray(py))
}
