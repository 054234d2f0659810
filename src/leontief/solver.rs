//! What a solver is.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::error::Result;
use crate::machine::simd::Cell;
use crate::table::Table;

/// Something that solves `(I - a) z = b`: the inverse, factors, or an iteration without either.
pub trait Solver: Sync {
    /// Order of the matrix.
    fn order(&self) -> usize;
    /// `(I - a)^-1 b`.
    fn solve(&self, b: Array2<f64>) -> Result<Array2<f64>>;
    /// `(I - a')^-1 b`: left solves, for `c (I - a)^-1` with the rows of c as columns of `b`.
    fn solve_transposed(&self, b: Array2<f64>) -> Result<Array2<f64>>;
    /// `(I - a)^-1` itself, where it is held.
    fn inverse(&self) -> Option<ArrayView2<'_, f64>> {
        None
    }
}

/// Output that a table's coefficients explain, `B y`, where it isn't x: where a sector buys and has no output.
pub fn output_made<T: Cell>(table: &Table<T>, solver: &dyn Solver) -> Result<Option<Array1<f64>>> {
    if table.without_output().buyers.is_empty() {
        return Ok(None);
    }
    let goods = table.y.sum_axis(Axis(1)).insert_axis(Axis(1));
    Ok(Some(solver.solve(goods)?.remove_axis(Axis(1))))
}
