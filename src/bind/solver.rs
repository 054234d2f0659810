//! What solves `(I - A) z = b`: LU factors, rounds over Z, or the inverse itself.

use std::sync::OnceLock;

use ndarray::Array1;
use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::arrays::Given;
use super::call::{Matrix, detached};
use crate::error::{Result, expect_shape};
use crate::leontief::{self, Inverse, Local, Solver};
use crate::machine::memory;
use crate::table::Blocks;

/// LU factors of a table's `I - a`, for many solves. Holds one n x n array.
#[pyclass(frozen, module = "gvckit._core")]
pub struct Factor(leontief::Factor);

#[pymethods]
impl Factor {
    /// Order n of the matrix.
    #[getter]
    fn order(&self) -> usize {
        self.0.order()
    }

    /// Whether LAPACK's pivoting was needed.
    #[getter]
    fn pivoted(&self) -> bool {
        self.0.is_pivoted()
    }

    /// `(I - a)^-1 b` for b of shape (n, k).
    fn solve<'py>(slf: PyRef<'py, Self>, py: Python<'py>, b: Given<'py>) -> PyResult<Matrix<'py>> {
        Solving::Factor(slf).solve(py, &b, false)
    }

    /// `(I - a')^-1 b` for b of shape (n, k).
    fn solve_transposed<'py>(slf: PyRef<'py, Self>, py: Python<'py>, b: Given<'py>) -> PyResult<Matrix<'py>> {
        Solving::Factor(slf).solve(py, &b, true)
    }
}

/// LU factors of `I - z diag(x)^-1`.
#[pyfunction]
pub fn factor(py: Python<'_>, z: Given<'_>, x: Given<'_>) -> PyResult<Factor> {
    let (z, x) = (z.matrix("Z")?, x.vector("x")?);
    expect_shape("Z", z.shape(), &[x.len(), x.len()])?;
    Ok(Factor(detached(py, || leontief::factor(z, x.view()))?))
}

/// A table's `I - a`, solved by rounds over Z without factors of the whole. Holds the factors of its domestic blocks.
///
/// It reads z at each solve: it must not be changed.
#[pyclass(frozen, module = "gvckit._core")]
pub struct Iteration {
    z: Py<PyArray2<f64>>,
    x: Array1<f64>,
    local: Local,
    factor: OnceLock<leontief::Factor>,
}

#[pymethods]
impl Iteration {
    /// Order n of the matrix.
    #[getter]
    fn order(&self) -> usize {
        self.x.len()
    }

    /// `(I - a)^-1 b` for b of shape (n, k).
    fn solve<'py>(slf: PyRef<'py, Self>, py: Python<'py>, b: Given<'py>) -> PyResult<Matrix<'py>> {
        Solving::Iteration(slf).solve(py, &b, false)
    }

    /// `(I - a')^-1 b` for b of shape (n, k).
    fn solve_transposed<'py>(slf: PyRef<'py, Self>, py: Python<'py>, b: Given<'py>) -> PyResult<Matrix<'py>> {
        Solving::Iteration(slf).solve(py, &b, true)
    }
}

/// The iteration over a table, or None where a flow or an output is negative and its bound doesn't hold.
#[pyfunction]
pub fn iteration(py: Python<'_>, z: Given<'_>, x: Given<'_>, sectors: usize) -> PyResult<Option<Iteration>> {
    let x = x.vector("x")?;
    let local = {
        let z = z.matrix("Z")?;
        let blocks = Blocks::equal(x.len(), sectors)?;
        expect_shape("Z", z.shape(), &[x.len(), x.len()])?;
        Local::expect_room(&blocks)?;
        detached(py, || {
            let bounded = leontief::has_no_negative(z, x.view());
            bounded.then(|| Local::new(z, x.view(), &blocks)).transpose()
        })?
    };
    let z = z.viewed()?.cast_into()?.unbind();
    Ok(local.map(|local| Iteration { z, x, local, factor: OnceLock::new() }))
}

/// What a measure solves with.
pub enum Solving<'py> {
    /// LU factors of I - A.
    Factor(PyRef<'py, Factor>),
    /// Rounds over Z.
    Iteration(PyRef<'py, Iteration>),
    /// B itself.
    Inverse(Given<'py>),
}

impl<'py> FromPyObject<'_, 'py> for Solving<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(factor) = object.cast::<Factor>() {
            return Ok(Self::Factor(factor.to_owned().borrow()));
        }
        if let Ok(iteration) = object.cast::<Iteration>() {
            return Ok(Self::Iteration(iteration.to_owned().borrow()));
        }
        object.extract().map(Self::Inverse).map_err(|error: PyErr| {
            if !error.is_instance_of::<PyTypeError>(object.py()) {
                return error;
            }
            let kind = object.get_type();
            PyTypeError::new_err(format!("a Factor, an Iteration or the inverse as an array is wanted, not {kind}"))
        })
    }
}

impl Solving<'_> {
    fn solve<'py>(&self, py: Python<'py>, b: &Given, transposed: bool) -> PyResult<Matrix<'py>> {
        let b = b.matrix("b")?;
        let found = self.apply(py, |solver| {
            expect_shape("b", b.shape(), &[solver.order(), b.ncols()])?;
            memory::expect("a solve", b.nrows(), &[("right-hand sides", 2.0 * b.len() as f64)])?;
            let b = memory::copy(b)?;
            if transposed { solver.solve_transposed(b) } else { solver.solve(b) }
        })?;
        Ok(found.into_pyarray(py))
    }

    /// Run a kernel with the solver, the GIL released.
    pub fn apply<T: Send>(&self, py: Python<'_>, kernel: impl FnOnce(&dyn Solver) -> Result<T> + Send) -> PyResult<T> {
        match self {
            Self::Factor(factor) => {
                let factor = &factor.0;
                detached(py, || kernel(factor))
            }
            Self::Iteration(iteration) => {
                let z = iteration.z.bind(py).readonly();
                let (z, x, local, factor) = (z.as_array(), iteration.x.view(), &iteration.local, &iteration.factor);
                detached(py, || kernel(&leontief::Iteration::new(z, x, local, factor)))
            }
            Self::Inverse(b) => {
                let b = b.matrix("B")?;
                expect_shape("B", b.shape(), &[b.nrows(), b.nrows()])?;
                detached(py, || kernel(&Inverse(b)))
            }
        }
    }
}
