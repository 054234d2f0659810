//! Participation in global value chains.

use numpy::IntoPyArray;
use pyo3::prelude::*;

use super::arrays::{Given, with_flows};
use super::call::{Matrix, Vector, detached};
use super::solver::Solving;
use super::tuple::{Arrays, Beside, Stored};
use crate::error::{Error, expect_shape};
use crate::measures::participation::{self, Term};
use crate::options::Named;

/// Names of the terms, in the order of the columns.
#[pyfunction]
pub fn participation_terms() -> Vec<&'static str> {
    Term::names()
}

/// Value added by row in the four terms: (n, 4). `weights` is a factor per unit of output in place of value added; `made`
/// is B y, needed where `output_made` gives one.
#[pyfunction]
#[pyo3(signature = (table, weights=None, made=None))]
pub fn participation_forward<'py>(
    py: Python<'py>,
    table: Stored<'py>,
    weights: Option<Given<'py>>,
    made: Option<Given<'py>>,
) -> PyResult<Matrix<'py>> {
    let beside = Beside { weights: weights.as_ref(), made: made.as_ref() };
    let found = with_flows!(&table.z, "z", z => {
        let table = table.table(z, &beside)?;
        detached(py, || participation::forward(&table))?
    });
    Ok(found.into_pyarray(py))
}

/// Final goods by column in the four terms: (n, 4). `all` is v'B, needed where it isn't 1: where va is not x - 1'z, with
/// `weights`, or where a sector buys without output.
#[pyfunction]
#[pyo3(signature = (table, all=None, weights=None))]
pub fn participation_backward<'py>(
    py: Python<'py>,
    table: Stored<'py>,
    all: Option<Given<'py>>,
    weights: Option<Given<'py>>,
) -> PyResult<Matrix<'py>> {
    let all = all.map(|all| all.vector("all")).transpose()?;
    let beside = Beside { weights: weights.as_ref(), made: None };
    let found = with_flows!(&table.z, "z", z => {
        let table = table.table(z, &beside)?;
        if let Some(all) = &all {
            expect_shape("all", all.shape(), &[table.blocks.n()])?;
        }
        let weighted = weights.is_some();
        detached(py, || {
            if all.is_none() && (weighted || !table.without_output().buyers.is_empty()) {
                return Err(missing());
            }
            participation::backward(&table, all.as_ref().map(|all| all.view()))
        })?
    });
    Ok(found.into_pyarray(py))
}

fn missing() -> Error {
    Error::Shape {
        what: "all",
        expected: "v'B (n,), which isn't 1 with weights or where a sector buys without output".to_owned(),
        got: "None".to_owned(),
    }
}

/// The part of the complex term that returns home, forward or backward: (n,).
#[pyfunction]
#[pyo3(signature = (table, solver, forward, weights=None))]
pub fn participation_returned<'py>(
    py: Python<'py>,
    table: Arrays<'py>,
    solver: Solving<'py>,
    forward: bool,
    weights: Option<Given<'py>>,
) -> PyResult<Vector<'py>> {
    let kernel = if forward { participation::returned_forward } else { participation::returned_backward };
    let beside = Beside { weights: weights.as_ref(), made: None };
    Ok(table.solved(py, &solver, &beside, kernel)?.into_pyarray(py))
}
