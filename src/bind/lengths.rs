//! Lengths of production chains, upstreamness and downstreamness.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;

use super::leontief::Solving;
use super::table::Arrays;
use crate::lengths;
use crate::table::expect_shape;

/// Names of the columns of `production_lengths`.
#[pyfunction]
pub fn length_columns() -> Vec<&'static str> {
    lengths::COLUMNS.to_vec()
}

/// Output called forth and the value it stands for, forward by row or backward by column: (n, 14).
#[pyfunction]
pub fn production_lengths<'py>(
    py: Python<'py>,
    table: Arrays<'py>,
    solver: Solving<'py>,
    forward: bool,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let table = table.view()?;
    let found = solver.apply_to(py, table.dims, |solver| {
        if forward { lengths::forward(&table, solver) } else { lengths::backward(&table, solver) }
    })?;
    Ok(found.into_pyarray(py))
}

/// `B x`, upstreamness times output: (n,).
#[pyfunction]
pub fn upstream_output<'py>(
    py: Python<'py>,
    solver: Solving<'py>,
    x: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let x = x.as_array();
    let found = solver.apply(py, |solver| {
        expect_shape("x", x.shape(), &[solver.order()])?;
        lengths::upstream_output(solver, x)
    })?;
    Ok(found.into_pyarray(py))
}

/// Column sums of B: (n,).
#[pyfunction]
pub fn downstreamness<'py>(py: Python<'py>, solver: Solving<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
    Ok(solver.apply(py, lengths::downstreamness)?.into_pyarray(py))
}
