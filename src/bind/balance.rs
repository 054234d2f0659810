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
