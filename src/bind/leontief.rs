//! Coefficients, and Leontief and Ghosh inverses.

use numpy::{IntoPyArray, PyArray3};
use pyo3::prelude::*;

use super::arrays::{Given, with_flows};
use super::call::{Matrix, Vector, detached};
use super::tuple::{Beside, Stored};
use crate::error::expect_shape;
use crate::leontief::{self, Local, Route};
use crate::table::Blocks;

/// `z diag(x)^-1`, a column with `x = 0` being 0.
#[pyfunction]
pub fn input_coefficients<'py>(py: Python<'py>, z: Given<'py>, x: Given<'py>) -> PyResult<Matrix<'py>> {
    let (z, x) = (z.matrix("Z")?, x.vector("x")?);
    Ok(detached(py, || leontief::input_coefficients(z, x.view()))?.into_pyarray(py))
}

/// `(I - a)^-1`, or with outputs x `(I - a diag(x)^-1)^-1` of flows; and whether LAPACK's pivoting was needed.
#[pyfunction]
#[pyo3(signature = (a, x=None))]
pub fn leontief_inverse<'py>(py: Python<'py>, a: Given<'py>, x: Option<Given<'py>>) -> PyResult<(Matrix<'py>, bool)> {
    let (a, x) = (a.matrix("a")?, x.map(|x| x.vector("x")).transpose()?);
    let (b, route) = detached(py, || match &x {
        Some(x) => leontief::inverse_of_flows(a, x.view()),
        None => leontief::leontief_inverse(a),
    })?;
    Ok((b.into_pyarray(py), route == Route::Pivoted))
}

/// `(I - diag(x)^-1 z)^-1`, and whether LAPACK's pivoting was needed.
#[pyfunction]
pub fn ghosh_inverse<'py>(py: Python<'py>, z: Given<'py>, x: Given<'py>) -> PyResult<(Matrix<'py>, bool)> {
    let (z, x) = (z.matrix("Z")?, x.vector("x")?);
    let (g, route) = detached(py, || leontief::ghosh_inverse(z, x.view()))?;
    Ok((g.into_pyarray(py), route == Route::Pivoted))
}

/// `L u`: output that a vector of goods calls forth within each row's own region (n,); transposed, what a unit of each
/// good embodies of a row per unit of output, `u'L`.
#[pyfunction]
#[pyo3(signature = (table, goods, transposed=false))]
pub fn local_solve<'py>(
    py: Python<'py>,
    table: Stored<'py>,
    goods: Given<'py>,
    transposed: bool,
) -> PyResult<Vector<'py>> {
    let goods = goods.vector("goods")?;
    let found = with_flows!(&table.z, "z", z => {
        let table = table.table(z, &Beside::default())?;
        expect_shape("goods", goods.shape(), &[table.blocks.n()])?;
        detached(py, || {
            let local = Local::new(table.z, table.x.view(), &table.blocks)?;
            Ok(if transposed { local.solve_transposed(goods.view()) } else { local.solve(goods.view()) })
        })?
    });
    Ok(found.into_pyarray(py))
}

/// `(I - a^D)^-1` block by block: (G, N, N).
#[pyfunction]
pub fn local_inverse<'py>(
    py: Python<'py>,
    z: Given<'py>,
    x: Given<'py>,
    sectors: usize,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let (z, x) = (z.matrix("Z")?, x.vector("x")?);
    let blocks = Blocks::equal(z.nrows(), sectors)?;
    expect_shape("Z", z.shape(), &[blocks.n(), blocks.n()])?;
    expect_shape("x", x.shape(), &[blocks.n()])?;
    Ok(detached(py, || leontief::local_inverse(z, x.view(), &blocks))?.into_pyarray(py))
}
