//! Totals of a table.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::table;

type Vector<'py> = Bound<'py, PyArray1<f64>>;

/// Row sums and column sums of a matrix in one pass; NaN or infinity raises `NonFiniteError`.
#[pyfunction]
pub fn totals<'py>(
    py: Python<'py>,
    what: &str,
    matrix: PyReadonlyArray2<'py, f64>,
) -> PyResult<(Vector<'py>, Vector<'py>)> {
    let what = if what == "Y" { "Y" } else { "Z" };
    let matrix = matrix.as_array();
    let (rows, cols) = py.detach(|| {
        let (rows, cols) = table::sums(matrix);
        table::expect_finite(what, matrix, rows.view()).map(|()| (rows, cols))
    })?;
    Ok((rows.into_pyarray(py), cols.into_pyarray(py)))
}
