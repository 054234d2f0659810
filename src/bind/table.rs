//! A table as Python hands it over, and its totals.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::error::Result;
use crate::table::{self, Table};

type Vector<'py> = Bound<'py, PyArray1<f64>>;

/// `(z, y, x, va, sectors)`, as `Mrio.arrays` has it.
#[derive(FromPyObject)]
pub struct Arrays<'py>(
    PyReadonlyArray2<'py, f64>,
    PyReadonlyArray2<'py, f64>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, f64>,
    usize,
);

impl Arrays<'_> {
    /// The checked view that kernels take.
    pub fn view(&self) -> Result<Table<'_>> {
        Table::new(self.0.as_array(), self.1.as_array(), self.2.as_array(), self.3.as_array(), self.4)
    }
}

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
