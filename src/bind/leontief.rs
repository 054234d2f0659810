//! Leontief and Ghosh inverses, local inverses, and factors for solves.

use std::sync::OnceLock;

use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::error::Result;
use crate::leontief::{self, Local, Route, Solver};
use crate::table::{Dims, expect_shape};

type Matrix<'py> = Bound<'py, PyArray2<f64>>;

/// `z diag(x)^-1`, a column with `x = 0` being 0.
#[pyfunction]
pub fn input_coefficients<'py>(
    py: Python<'py>,
    z: PyReadonlyArray2<'py, f64>,
    x: PyReadonlyArray1<'py, f64>,
) -> PyResult<Matrix<'py>> {
    let (z, x) = (z.as_array(), x.as_array());
    Ok(py.detach(|| leontief::input_coefficients(z, x))?.into_pyarray(py))
}

/// `(I - a)^-1`, or with outputs x `(I - a diag(x)^-1)^-1` of flows; and whether LAPACK's pivoting was needed.
#[pyfunction]
#[pyo3(signature = (a, x=None))]
pub fn leontief_inverse<'py>(
    py: Python<'py>,
    a: PyReadonlyArray2<'py, f64>,
    x: Option<PyReadonlyArray1<'py, f64>>,
) -> PyResult<(Matrix<'py>, bool)> {
    let (a, x) = (a.as_array(), x.as_ref().map(|x| x.as_array()));
    let (b, route) = py.detach(|| match x {
        Some(x) => leontief::inverse_of_flows(a, x),
        None => leontief::leontief_inverse(a),
    })?;
    Ok((b.into_pyarray(py), route == Route::Pivoted))
}

/// `(I - diag(x)^-1 z)^-1`, and whether LAPACK's pivoting was needed.
#[pyfunction]
pub fn ghosh_inverse<'py>(
    py: Python<'py>,
    z: PyReadonlyArray2<'py, f64>,
    x: PyReadonlyArray1<'py, f64>,
) -> PyResult<(Matrix<'py>, bool)> {
    let (z, x) = (z.as_array(), x.as_array());
    let (g, route) = py.detach(|| leontief::ghosh_inverse(z, x))?;
    Ok((g.into_pyarray(py), route == Route::Pivoted))
}

/// `(I - a^D)^-1` block by block: (G, N, N).
#[pyfunction]
pub fn local_inverse<'py>(
    py: Python<'py>,
    z: PyReadonlyArray2<'py, f64>,
    x: PyReadonlyArray1<'py, f64>,
    sectors: usize,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let (z, x) = (z.as_array(), x.as_array());
    let l = py.detach(|| {
        let dims = Dims::new(z.nrows(), sectors)?;
        expect_shape("Z", z.shape(), &[dims.n(), dims.n()])?;
        expect_shape("x", x.shape(), &[dims.n()])?;
        leontief::local_inverse(z, x, dims)
    })?;
    Ok(l.into_pyarray(py))
}

/// LU factors of a table's `I - a`, for many solves. Holds one n x n array.
#[pyclass(frozen, module = "gvckit._core")]
pub struct Factor(pub leontief::Factor);

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
    fn solve<'py>(slf: PyRef<'py, Self>, py: Python<'py>, b: PyReadonlyArray2<'py, f64>) -> PyResult<Matrix<'py>> {
        Solving::Factor(slf).solve(py, b, false)
    }

    /// `(I - a')^-1 b` for b of shape (n, k).
    fn solve_transposed<'py>(
        slf: PyRef<'py, Self>,
        py: Python<'py>,
        b: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Matrix<'py>> {
        Solving::Factor(slf).solve(py, b, true)
    }
}

/// LU factors of `I - z diag(x)^-1`.
#[pyfunction]
pub fn factor(py: Python<'_>, z: PyReadonlyArray2<'_, f64>, x: PyReadonlyArray1<'_, f64>) -> PyResult<Factor> {
    let (z, x) = (z.as_array(), x.as_array());
    let factor = py.detach(|| {
        expect_shape("Z", z.shape(), &[x.len(), x.len()])?;
        leontief::factor(z, x)
    })?;
    Ok(Factor(factor))
}

/// A table's `I - a`, solved by rounds over Z without factors of the whole. Holds the factors of its domestic blocks.
///
/// It reads z and x at each solve: they must not be changed.
#[pyclass(frozen, module = "gvckit._core")]
pub struct Iteration {
    z: Py<PyArray2<f64>>,
    x: Py<PyArray1<f64>>,
    local: Local,
    factor: OnceLock<leontief::Factor>,
}

#[pymethods]
impl Iteration {
    /// Order n of the matrix.
    #[getter]
    fn order(&self, py: Python<'_>) -> usize {
        self.x.bind(py).readonly().as_array().len()
    }

    /// `(I - a)^-1 b` for b of shape (n, k).
    fn solve<'py>(slf: PyRef<'py, Self>, py: Python<'py>, b: PyReadonlyArray2<'py, f64>) -> PyResult<Matrix<'py>> {
        Solving::Iteration(slf).solve(py, b, false)
    }

    /// `(I - a')^-1 b` for b of shape (n, k).
    fn solve_transposed<'py>(
        slf: PyRef<'py, Self>,
        py: Python<'py>,
        b: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Matrix<'py>> {
        Solving::Iteration(slf).solve(py, b, true)
    }
}

/// The iteration over a table, or None where a flow or an output is negative and its bound doesn't hold.
#[pyfunction]
pub fn iteration(
    z: Bound<'_, PyArray2<f64>>,
    x: Bound<'_, PyArray1<f64>>,
    sectors: usize,
) -> PyResult<Option<Iteration>> {
    let local = {
        let (z_read, x_read) = (z.readonly(), x.readonly());
        let (z, x) = (z_read.as_array(), x_read.as_array());
        z_read.py().detach(|| {
            let dims = Dims::new(x.len(), sectors)?;
            expect_shape("Z", z.shape(), &[dims.n(), dims.n()])?;
            leontief::has_no_negative(z, x).then(|| Local::new(z, x, dims)).transpose()
        })?
    };
    // Views of its own: the shape of the caller's arrays may change.
    let (z, x) = (z.call_method0("view")?.cast_into()?.unbind(), x.call_method0("view")?.cast_into()?.unbind());
    Ok(local.map(|local| Iteration { z, x, local, factor: OnceLock::new() }))
}

/// What a measure solves with.
#[derive(FromPyObject)]
pub enum Solving<'py> {
    /// LU factors of I - A.
    Factor(PyRef<'py, Factor>),
    /// Rounds over Z.
    Iteration(PyRef<'py, Iteration>),
}

impl Solving<'_> {
    fn solve<'py>(&self, py: Python<'py>, b: PyReadonlyArray2<'py, f64>, transposed: bool) -> PyResult<Matrix<'py>> {
        let b = b.as_array();
        let found = self.apply(py, |solver| {
            expect_shape("b", b.shape(), &[solver.order(), b.ncols()])?;
            let b = b.as_standard_layout().into_owned();
            if transposed { solver.solve_transposed(b) } else { solver.solve(b) }
        })?;
        Ok(found.into_pyarray(py))
    }

    /// `apply` to a table, whose order the solver must have.
    pub fn apply_to<T: Send>(
        &self,
        py: Python<'_>,
        dims: Dims,
        kernel: impl FnOnce(&dyn Solver) -> Result<T> + Send,
    ) -> PyResult<T> {
        self.apply(py, |solver| {
            expect_shape("factor", &[solver.order()], &[dims.n()])?;
            kernel(solver)
        })
    }

    /// Run a kernel with the solver, the GIL released.
    pub fn apply<T: Send>(&self, py: Python<'_>, kernel: impl FnOnce(&dyn Solver) -> Result<T> + Send) -> PyResult<T> {
        match self {
            Self::Factor(factor) => {
                let factor = &factor.0;
                Ok(py.detach(|| kernel(factor))?)
            }
            Self::Iteration(iteration) => {
                let (z, x) = (iteration.z.bind(py).readonly(), iteration.x.bind(py).readonly());
                let (z, x, local, factor) = (z.as_array(), x.as_array(), &iteration.local, &iteration.factor);
                Ok(py.detach(|| kernel(&leontief::Iteration::new(z, x, local, factor)))?)
            }
        }
    }
}
