//! Participation in global value chains.

use numpy::IntoPyArray;
use pyo3::prelude::*;

use super::arrays::{Arrays, Given, Stored, with_flows};
use super::solver::Solving;
use super::{Matrix, Vector, detached};
use crate::error::expect_shape;
use crate::measures::participation::{self, Term};
use crate::options::Named;

/// Names of the terms, in the order of the columns.
#[pyfunction]
pub fn participation_terms() -> Vec<&'static str> {
    Term::names()
}

/// Value added by row in the four terms: (n, 4).
#[pyfunction]
pub fn participation_forward<'py>(py: Python<'py>, table: Stored<'py>) -> PyResult<Matrix<'py>> {
    let found = with_flows!(&table.z, "z", z => {
        let table = table.table(z, None)?;
        detached(py, || participation::forward(&table))?
    });
    Ok(found.into_pyarray(py))
}

/// Final goods by column in the four terms: (n, 4). `all` is v'B, needed where va is not x - 1'z.
#[pyfunction]
#[pyo3(signature = (table, all=None))]
pub fn participation_backward<'py>(
    py: Python<'py>,
    table: Stored<'py>,
    all: Option<Given<'py>>,
) -> PyResult<Matrix<'py>> {
    let all = all.map(|all| all.vector("all")).transpose()?;
    let found = with_flows!(&table.z, "z", z => {
        let table = table.table(z, None)?;
        if let Some(all) = &all {
            expect_shape("all", all.shape(), &[table.blocks.n()])?;
        }
        detached(py, || participation::backward(&table, all.as_ref().map(|all| all.view())))?
    });
    Ok(found.into_pyarray(py))
}

/// The part of the complex term that returns home, forward or backward: (n,).
#[pyfunction]
pub fn participation_returned<'py>(
    py: Python<'py>,
    table: Arrays<'py>,
    solver: Solving<'py>,
    forward: bool,
) -> PyResult<Vector<'py>> {
    let kernel = if forward { participation::returned_forward } else { participation::returned_backward };
    Ok(table.solved(py, &solver, None, kernel)?.into_pyarray(py))
}
