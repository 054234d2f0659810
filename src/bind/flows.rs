//! Bilateral value-added flows.

use numpy::{IntoPyArray, PyArray3};
use pyo3::prelude::*;

use super::arrays::{Given, with_flows};
use super::call::{Matrix, Vector, detached};
use super::solver::Solving;
use super::tuple::{Arrays, Beside, Stored};
use crate::measures::flows;
use crate::options::Named;

/// Kinds of flows by direct importer, in the order of the first axis.
#[pyfunction]
pub fn flow_kinds() -> Vec<&'static str> {
    flows::KINDS.iter().map(|kind| kind.name()).collect()
}

/// Domestic value added (rows,) and flows abroad by direct importer (3 kinds, rows, G); rows are regions or sectors.
///
/// `made` is B y, needed where `output_made` gives one.
#[pyfunction]
#[pyo3(signature = (table, weights, by_region, made=None))]
pub fn flows_by_importer<'py>(
    py: Python<'py>,
    table: Stored<'py>,
    weights: Given<'py>,
    by_region: bool,
    made: Option<Given<'py>>,
) -> PyResult<(Vector<'py>, Bound<'py, PyArray3<f64>>)> {
    let beside = Beside { weights: Some(&weights), made: made.as_ref() };
    let found = with_flows!(&table.z, "z", z => {
        let table = table.table(z, &beside)?;
        detached(py, || if by_region { flows::by_importer(&table) } else { flows::by_importer_rows(&table) })?
    });
    Ok((found.domestic.into_pyarray(py), found.abroad.into_pyarray(py)))
}

/// Value added by row and absorbing region, `V^ B Y`: (rows, G); rows are regions or sectors.
#[pyfunction]
pub fn flows_by_absorber<'py>(
    py: Python<'py>,
    table: Arrays<'py>,
    weights: Given<'py>,
    solver: Solving<'py>,
    by_region: bool,
) -> PyResult<Matrix<'py>> {
    let beside = Beside { weights: Some(&weights), made: None };
    let found = table.solved(py, &solver, &beside, |table, solver| {
        let rows = flows::by_absorber(table, solver)?;
        Ok(if by_region { table.blocks.sum_rows(rows.view()) } else { rows })
    })?;
    Ok(found.into_pyarray(py))
}
