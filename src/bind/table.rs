//! Totals of a table.

use numpy::IntoPyArray;
use pyo3::prelude::*;

use super::arrays::{Flows, with_flows};
use super::{Vector, detached};
use crate::machine::passes;
use crate::options::Named;
use crate::table;

/// Whose sums are asked for: what an error calls it.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Flows,
    Demand,
}

impl Named for Part {
    const OPTION: &'static str = "what";
    const NAMES: &'static [(&'static str, Self)] = &[("Z", Self::Flows), ("Y", Self::Demand)];
}

/// Row sums and column sums of a matrix in one pass; NaN or infinity raises `NonFiniteError`.
#[pyfunction]
pub fn totals<'py>(py: Python<'py>, what: &str, matrix: Flows<'py>) -> PyResult<(Vector<'py>, Vector<'py>)> {
    let what = Part::parse(what)?.name();
    let (rows, cols) = with_flows!(&matrix, "matrix", matrix => detached(py, || {
        let (rows, cols) = passes::sums(matrix);
        table::expect_finite(what, matrix, rows.view())?;
        Ok((rows, cols))
    })?);
    Ok((rows.into_pyarray(py), cols.into_pyarray(py)))
}
