//! Reliance on inputs and on markets.

use numpy::IntoPyArray;
use pyo3::prelude::*;

use super::call::{Matrix, detached};
use super::solver::Solving;
use super::tuple::{Arrays, Beside};
use crate::measures::reliance;

/// Gross inputs of each column by region of origin, per unit of output, direct and indirect: `B - I` summed, (G, n).
#[pyfunction]
pub fn inputs_required<'py>(py: Python<'py>, table: Arrays<'py>, solver: Solving<'py>) -> PyResult<Matrix<'py>> {
    let found =
        table.solved(py, &solver, &Beside::default(), |table, solver| reliance::required(solver, &table.blocks))?;
    Ok(found.into_pyarray(py))
}

/// Direct inputs of each column by region of origin (G, n), and sales of each row by region of use (n, G).
#[pyfunction]
pub fn direct_trade<'py>(py: Python<'py>, table: Arrays<'py>) -> PyResult<(Matrix<'py>, Matrix<'py>)> {
    let table = table.double(&Beside::default())?;
    let (bought, sold) = detached(py, || Ok((reliance::supplied(&table), reliance::sold(&table))))?;
    Ok((bought.into_pyarray(py), sold.into_pyarray(py)))
}
