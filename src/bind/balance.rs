//! Balancing.

use ndarray::Array1;
use numpy::IntoPyArray;
use pyo3::prelude::*;

use super::arrays::Given;
use super::call::{Matrix, detached};
use crate::balance;
use crate::error::Result;
use crate::machine::memory;

/// Cells scaled until rows and columns have the sums that are wanted (GRAS); with the rounds and the largest relative gap.
#[pyfunction]
pub fn gras<'py>(
    py: Python<'py>,
    cells: Given<'py>,
    rows: Given<'py>,
    columns: Given<'py>,
    tolerance: f64,
    most_rounds: usize,
) -> PyResult<(Matrix<'py>, usize, f64)> {
    let (cells, rows, columns) = (cells.matrix("cells")?, rows.vector("rows")?, columns.vector("columns")?);
    let (scaled, outcome) = detached(py, || {
        memory::expect("gras", cells.nrows(), &[("cells", cells.len() as f64)])?;
        let mut scaled = memory::copy(cells)?;
        let outcome = balance::gras(&mut scaled, rows.view(), columns.view(), tolerance, most_rounds)?;
        Ok((scaled, outcome))
    })?;
    Ok((scaled.into_pyarray(py), outcome.rounds, outcome.gap))
}

/// Cells (m, k) times log-normal errors; with totals of rows and columns scaled to them.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn disturb<'py>(
    py: Python<'py>,
    cells: Given<'py>,
    sd: Given<'py>,
    seed: u64,
    number: u64,
    totals: Option<(Given<'py>, Given<'py>)>,
    tolerance: f64,
    most_rounds: usize,
) -> PyResult<Matrix<'py>> {
    let (cells, sd) = (cells.matrix("cells")?, sd.matrix("sd")?);
    let both = |(rows, columns): &(Given, Given)| -> Result<(Array1<f64>, Array1<f64>)> {
        Ok((rows.vector("row totals")?, columns.vector("column totals")?))
    };
    let totals = totals.as_ref().map(both).transpose()?;
    let drawn = detached(py, || {
        let totals = totals.as_ref().map(|(rows, columns)| (rows.view(), columns.view()));
        balance::disturb(cells, sd, (seed, number), totals, tolerance, most_rounds)
    })?;
    Ok(drawn.into_pyarray(py))
}
