//! Hypothetical extraction.

use numpy::{IntoPyArray, PyArray3};
use pyo3::prelude::*;

use super::arrays::Given;
use super::call::Matrix;
use super::solver::Solving;
use super::tuple::{Arrays, Beside};
use crate::machine::memory;
use crate::models::extraction::{Extraction, Link, extract_pairs};

/// Output x* (shares, n) with shares of some sales cut; a link is (selling rows, buying columns, final markets).
#[pyfunction]
pub fn extraction<'py>(
    py: Python<'py>,
    table: Arrays<'py>,
    factor: Solving<'py>,
    links: Vec<(Vec<usize>, Vec<usize>, Vec<usize>)>,
    shares: Vec<f64>,
) -> PyResult<Matrix<'py>> {
    let links = links.into_iter().map(|(rows, columns, markets)| Link { rows, columns, markets }).collect();
    let found = table.solved(py, &factor, &Beside::default(), |table, solver| {
        let extraction = Extraction::new(table, solver, links)?;
        let mut out = memory::zeros((shares.len(), table.blocks.n()))?;
        for (mut row, share) in out.outer_iter_mut().zip(&shares) {
            row.assign(&extraction.output(*share)?);
        }
        Ok(out)
    })?;
    Ok(found.into_pyarray(py))
}

/// Value added lost by source, target and world when the source's sales to the target are cut: (G, G, 3).
#[pyfunction]
pub fn extraction_pairs<'py>(
    py: Python<'py>,
    table: Arrays<'py>,
    weights: Given<'py>,
    factor: Solving<'py>,
    intermediate: bool,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let beside = Beside { weights: Some(&weights), made: None };
    let found = table.solved(py, &factor, &beside, |table, solver| extract_pairs(table, solver, intermediate))?;
    Ok(found.into_pyarray(py))
}
