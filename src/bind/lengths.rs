//! Lengths of production chains, upstreamness and downstreamness.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;

use super::leontief::Factor;
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
    factor: &Factor,
    forward: bool,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let table = table.view()?;
    expect_shape("factor", &[factor.0.order()], &[table.dims.n()])?;
    let found =
        py.detach(|| if forward { lengths::forward(&table, &factor.0) } else { lengths::backward(&table, &factor.0) })?;
    Ok(found.into_pyarray(py))
}

/// `B x`, upstreamness times output: (n,).
#[pyfunction]
pub fn upstream_output<'py>(
    py: Python<'py>,
    factor: &Factor,
    x: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let x = x.as_array();
    expect_shape("x", x.shape(), &[factor.0.order()])?;
    Ok(py.detach(|| lengths::upstream_output(&factor.0, x)).into_pyarray(py))
}

/// Column sums of B: (n,).
#[pyfunction]
pub fn downstreamness<'py>(py: Python<'py>, factor: &Factor) -> Bound<'py, PyArray1<f64>> {
    py.detach(|| lengths::downstreamness(&factor.0)).into_pyarray(py)
}
