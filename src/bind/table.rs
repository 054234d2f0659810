//! Totals of a table, and what a sector without output means.

use numpy::IntoPyArray;
use pyo3::prelude::*;

use super::arrays::{Flows, Given, with_flows};
use super::call::{Matrix, Vector, detached};
use super::solver::Solving;
use super::tuple::{Arrays, Beside, Stored};
use crate::error::expect_shape;
use crate::leontief;
use crate::machine::passes;
use crate::options::Named;
use crate::table::{self, Totals};

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

/// Output x = Z 1 + Y 1 (n,), inputs 1'Z (n,), and final demand by region (n, G) of Z and of Y by region and category.
///
/// An output of no more than 1e-12 of what the sector sells and buys, each without its sign, is rounding and exactly 0.
#[pyfunction]
pub fn table_totals<'py>(
    py: Python<'py>,
    z: Flows<'py>,
    y: Given<'py>,
    categories: usize,
) -> PyResult<(Vector<'py>, Vector<'py>, Matrix<'py>)> {
    let y = y.matrix("Y")?;
    let totals = with_flows!(&z, "Z", z => detached(py, || Totals::of(z, y, categories))?);
    Ok((totals.x.into_pyarray(py), totals.inputs.into_pyarray(py), totals.y.into_pyarray(py)))
}

/// Rows of sectors without output: those that buy, those that buy nothing and whose sales cancel out, and empty ones.
#[pyfunction]
pub fn sectors_without_output(py: Python<'_>, table: Stored<'_>) -> PyResult<(Vec<usize>, Vec<usize>, Vec<usize>)> {
    let found = with_flows!(&table.z, "z", z => {
        let table = table.table(z, &Beside::default())?;
        detached(py, || Ok(table.without_output()))?
    });
    Ok((found.buyers, found.cancelling, found.empty))
}

/// Value added per unit of output (n,); without output 1 where sales cancel out and nothing is bought, else 0.
#[pyfunction]
pub fn value_added_per_output<'py>(py: Python<'py>, table: Stored<'py>) -> PyResult<Vector<'py>> {
    let v = with_flows!(&table.z, "z", z => table.table(z, &Beside::default())?.v);
    Ok(v.into_pyarray(py))
}

/// Values per unit of output (n,), 0 where there is none: of a factor.
#[pyfunction]
pub fn per_output<'py>(py: Python<'py>, values: Given<'py>, x: Given<'py>) -> PyResult<Vector<'py>> {
    let (values, x) = (values.vector("values")?, x.vector("x")?);
    expect_shape("values", values.shape(), x.shape())?;
    table::reciprocal(x.view())?;
    Ok(table::per_output(values.view(), x.view()).into_pyarray(py))
}

/// B y (n,), the output that the table's coefficients explain; None where it is x, as in every table in which all sectors
/// that buy have output.
#[pyfunction]
pub fn output_made<'py>(py: Python<'py>, table: Arrays<'py>, solver: Solving<'py>) -> PyResult<Option<Vector<'py>>> {
    let made = table.solved(py, &solver, &Beside::default(), leontief::output_made)?;
    Ok(made.map(|made| made.into_pyarray(py)))
}
