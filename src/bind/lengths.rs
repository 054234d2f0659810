//! Lengths of production chains, upstreamness and downstreamness.

use numpy::IntoPyArray;
use pyo3::prelude::*;

use super::arrays::Given;
use super::call::{Matrix, Vector};
use super::solver::Solving;
use super::tuple::{Arrays, Beside};
use crate::error::expect_shape;
use crate::measures::lengths;

/// Names of the columns of `production_lengths`.
#[pyfunction]
pub fn length_columns() -> Vec<&'static str> {
    lengths::COLUMNS.to_vec()
}

/// Output called forth and the value it stands for, forward by row or backward by column: (n, 14).
///
/// `weights` is a factor per unit of output in place of value added; `made` is B y, needed where `output_made` gives one.
#[pyfunction]
#[pyo3(signature = (table, solver, forward, weights=None, made=None))]
pub fn production_lengths<'py>(
    py: Python<'py>,
    table: Arrays<'py>,
    solver: Solving<'py>,
    forward: bool,
    weights: Option<Given<'py>>,
    made: Option<Given<'py>>,
) -> PyResult<Matrix<'py>> {
    let kernel = if forward { lengths::forward } else { lengths::backward };
    let beside = Beside { weights: weights.as_ref(), made: made.as_ref() };
    Ok(table.solved(py, &solver, &beside, kernel)?.into_pyarray(py))
}

/// `B x`, upstreamness times output: (n,).
#[pyfunction]
pub fn upstream_output<'py>(py: Python<'py>, solver: Solving<'py>, x: Given<'py>) -> PyResult<Vector<'py>> {
    let x = x.vector("x")?;
    let found = solver.apply(py, |solver| {
        expect_shape("x", x.shape(), &[solver.order()])?;
        lengths::upstream_output(solver, x.view())
    })?;
    Ok(found.into_pyarray(py))
}

/// Column sums of B: (n,).
#[pyfunction]
pub fn downstreamness<'py>(py: Python<'py>, solver: Solving<'py>) -> PyResult<Vector<'py>> {
    Ok(solver.apply(py, lengths::downstreamness)?.into_pyarray(py))
}
