//! Bilateral value-added flows.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3, PyReadonlyArray1};
use pyo3::prelude::*;

use super::leontief::Solving;
use super::table::{Arrays, Stored, with_stored};
use crate::flows;
use crate::table::expect_shape;

type Flows<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray3<f64>>);

/// Domestic value added (rows,) and flows abroad by direct importer (3 kinds, rows, G); rows are regions or sectors.
#[pyfunction]
pub fn flows_by_importer<'py>(
    py: Python<'py>,
    table: Stored<'py>,
    weights: PyReadonlyArray1<'py, f64>,
    by_region: bool,
) -> PyResult<Flows<'py>> {
    let weights = weights.as_array();
    let found = with_stored!(table, table => {
        expect_shape("weights", weights.shape(), &[table.dims.n()])?;
        py.detach(|| {
            if by_region { flows::by_importer(&table, weights) } else { flows::by_importer_rows(&table, weights) }
        })?
    });
    Ok((found.domestic.into_pyarray(py), found.abroad.into_pyarray(py)))
}

/// Value added by row and absorbing region, `V^ B Y`: (rows, G); rows are regions or sectors.
#[pyfunction]
pub fn flows_by_absorber<'py>(
    py: Python<'py>,
    table: Arrays<'py>,
    weights: PyReadonlyArray1<'py, f64>,
    solver: Solving<'py>,
    by_region: bool,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let table = table.view()?;
    let weights = weights.as_array();
    expect_shape("weights", weights.shape(), &[table.dims.n()])?;
    let found = solver.apply_to(py, table.dims, |solver| {
        let rows = flows::by_absorber(&table, weights, solver)?;
        Ok(if by_region { flows::rows_by_region(rows.view(), table.dims) } else { rows })
    })?;
    Ok(found.into_pyarray(py))
}
