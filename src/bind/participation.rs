//! Participation in global value chains.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;

use super::leontief::Solving;
use super::table::{Arrays, Stored, with_stored};
use crate::participation::{self, Term};
use crate::table::expect_shape;

/// Names of the terms, in the order of the columns.
#[pyfunction]
pub fn participation_terms() -> Vec<&'static str> {
    Term::ALL.iter().map(|term| term.name()).collect()
}

/// Value added by row in the four terms: (n, 4).
#[pyfunction]
pub fn participation_forward<'py>(py: Python<'py>, table: Stored<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let found = with_stored!(table, table => py.detach(|| participation::forward(&table))?);
    Ok(found.into_pyarray(py))
}

/// Final goods by column in the four terms: (n, 4). `all` is v'B, needed where va is not x - 1'z.
#[pyfunction]
#[pyo3(signature = (table, all=None))]
pub fn participation_backward<'py>(
    py: Python<'py>,
    table: Stored<'py>,
    all: Option<PyReadonlyArray1<'py, f64>>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let all = all.as_ref().map(|a| a.as_array());
    let found = with_stored!(table, table => {
        if let Some(all) = &all {
            expect_shape("all", all.shape(), &[table.dims.n()])?;
        }
        py.detach(|| participation::backward(&table, all))?
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
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let table = table.view()?;
    let returned = solver.apply_to(py, table.dims, |solver| {
        if forward {
            participation::returned_forward(&table, solver)
        } else {
            participation::returned_backward(&table, solver)
        }
    })?;
    Ok(returned.into_pyarray(py))
}
