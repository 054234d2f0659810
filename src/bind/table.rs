//! A table as Python hands it over, and its totals.

use ndarray::{Array1, ArrayView2};
use numpy::{Element, IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::error::Result;
use crate::simd::Cell;
use crate::table::{self, Table};

type Vector<'py> = Bound<'py, PyArray1<f64>>;

/// `(z, y, x, va, sectors)`, as `Mrio.arrays` has it.
#[derive(FromPyObject)]
pub struct Arrays<'py, T: Element = f64>(
    PyReadonlyArray2<'py, T>,
    PyReadonlyArray2<'py, f64>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, f64>,
    usize,
);

impl<T: Element + Cell> Arrays<'_, T> {
    /// The checked view that kernels take.
    pub fn view(&self) -> Result<Table<'_, T>> {
        Table::new(self.0.as_array(), self.1.as_array(), self.2.as_array(), self.3.as_array(), self.4)
    }
}

/// A table whose flows are stored in double or in single precision.
#[derive(FromPyObject)]
pub enum Stored<'py> {
    /// float64.
    Double(Arrays<'py, f64>),
    /// float32.
    Single(Arrays<'py, f32>),
}

/// Run a kernel over a table in the precision that it is stored in.
macro_rules! with_stored {
    ($stored:expr, $table:ident => $kernel:expr) => {
        match &$stored {
            $crate::bind::table::Stored::Double(arrays) => {
                let $table = arrays.view()?;
                $kernel
            }
            $crate::bind::table::Stored::Single(arrays) => {
                let $table = arrays.view()?;
                $kernel
            }
        }
    };
}
pub(crate) use with_stored;

/// Cells of a matrix in double or in single precision.
#[derive(FromPyObject)]
pub enum Cells<'py> {
    /// float64.
    Double(PyReadonlyArray2<'py, f64>),
    /// float32.
    Single(PyReadonlyArray2<'py, f32>),
}

/// Row sums and column sums of a matrix in one pass; NaN or infinity raises `NonFiniteError`.
#[pyfunction]
pub fn totals<'py>(py: Python<'py>, what: &str, matrix: Cells<'py>) -> PyResult<(Vector<'py>, Vector<'py>)> {
    let what = if what == "Y" { "Y" } else { "Z" };
    let (rows, cols) = match &matrix {
        Cells::Double(matrix) => finite_sums(py, what, matrix.as_array())?,
        Cells::Single(matrix) => finite_sums(py, what, matrix.as_array())?,
    };
    Ok((rows.into_pyarray(py), cols.into_pyarray(py)))
}

fn finite_sums<T: Cell>(
    py: Python<'_>,
    what: &'static str,
    matrix: ArrayView2<T>,
) -> Result<(Array1<f64>, Array1<f64>)> {
    py.detach(|| {
        let (rows, cols) = table::sums(matrix);
        table::expect_finite(what, matrix, rows.view()).map(|()| (rows, cols))
    })
}
