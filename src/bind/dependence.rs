//! Look-through reliance and hypothetical extraction.

use numpy::{IntoPyArray, PyArray2, PyArray3, PyReadonlyArray1};
use pyo3::prelude::*;

use super::leontief::{Factor, Solving};
use super::table::Arrays;
use crate::dependence::{self, Extraction, Link};
use crate::leontief::Solver;
use crate::table::expect_shape;

type Matrix<'py> = Bound<'py, PyArray2<f64>>;

/// Output x* (shares, n) with shares of some sales cut; a link is (selling rows, buying columns, final markets).
#[pyfunction]
pub fn extraction<'py>(
    py: Python<'py>,
    table: Arrays<'py>,
    factor: &Factor,
    links: Vec<(Vec<usize>, Vec<usize>, Vec<usize>)>,
    shares: Vec<f64>,
) -> PyResult<Matrix<'py>> {
    let table = table.view()?;
    expect_shape("factor", &[factor.0.order()], &[table.dims.n()])?;
    let links = links.into_iter().map(|(rows, columns, markets)| Link { rows, columns, markets }).collect();
    let found = py.detach(|| {
        let extraction = Extraction::new(table, &factor.0, links)?;
        let mut out = ndarray::Array2::zeros((shares.len(), table.dims.n()));
        for (mut row, share) in out.outer_iter_mut().zip(&shares) {
            row.assign(&extraction.output(*share)?);
        }
        Ok::<_, crate::error::Error>(out)
    })?;
    Ok(found.into_pyarray(py))
}

/// Value added lost by source, target and world when the source's sales to the target are cut: (G, G, 3).
#[pyfunction]
pub fn extraction_pairs<'py>(
    py: Python<'py>,
    table: Arrays<'py>,
    weights: PyReadonlyArray1<'py, f64>,
    factor: &Factor,
    intermediate: bool,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let table = table.view()?;
    let weights = weights.as_array();
    expect_shape("weights", weights.shape(), &[table.dims.n()])?;
    expect_shape("factor", &[factor.0.order()], &[table.dims.n()])?;
    let found = py.detach(|| dependence::extract_pairs(&table, &factor.0, weights, intermediate))?;
    Ok(found.into_pyarray(py))
}

/// Gross inputs of each column by region of origin, per unit of output, direct and indirect: `B - I` summed, (G, n).
#[pyfunction]
pub fn inputs_required<'py>(py: Python<'py>, table: Arrays<'py>, solver: Solving<'py>) -> PyResult<Matrix<'py>> {
    let table = table.view()?;
    let found = solver.apply_to(py, table.dims, |solver| dependence::required(solver, table.dims))?;
    Ok(found.into_pyarray(py))
}

/// Direct inputs of each column by region of origin (G, n), and sales of each row by region of use (n, G).
#[pyfunction]
pub fn direct_trade<'py>(py: Python<'py>, table: Arrays<'py>) -> PyResult<(Matrix<'py>, Matrix<'py>)> {
    let table = table.view()?;
    let (bought, sold) = py.detach(|| (dependence::supplied(&table), dependence::sold(&table)));
    Ok((bought.into_pyarray(py), sold.into_pyarray(py)))
}
