//! LU factors of an I - A, kept for many solves.

use std::ops::Range;

use ndarray::{Array, Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, Dimension};
use ndarray_linalg::{FactorizeInto, LUFactorized, Solve};

use super::checks::{FACTOR_RESIDUAL, failure};
use super::coefficients::Coefficients;
use super::eliminate;
use super::solver::Solver;
use crate::error::{Result, expect_shape};
use crate::machine::blas::{self, Triangle};
use crate::machine::simd::{Cell, add_scaled, dot};
use crate::machine::{interrupt, memory, pool};

/// Below this order, plain loops beat a call into BLAS.
const SMALL: usize = 96;
/// Squares of the order times columns up to which a solve is over before threads of BLAS have woken up.
const FEW: usize = 4_000_000;

enum Lu {
    /// Elimination without exchanges; lower triangle with unit diagonal, and upper triangle.
    Plain(Array2<f64>),
    /// LAPACK's factors with row exchanges, for coefficients with negative entries.
    Pivoted { lu: Box<LUFactorized<ndarray::OwnedRepr<f64>>>, order: usize },
}

/// Factors of `I - a`.
pub struct Factor(Lu);

/// LU factors of the global `I - a` of a table: one n x n array, for any number of solves.
pub fn factor(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<Factor> {
    expect_shape("Z", z.shape(), &[x.len(), x.len()])?;
    memory::expect("factor", z.nrows(), &[("LU", z.len() as f64)])?;
    Factor::new(&Coefficients::of_flows(z, x)?)
}

impl Factor {
    /// Factor `I - a`.
    ///
    /// Elimination without pivoting first; when a pivot or the probe solve fails and `a` has negative entries (where
    /// the Hawkins-Simon argument doesn't hold), LAPACK with pivoting. Holds one n x n array.
    pub fn new<T: Cell>(a: &Coefficients<T>) -> Result<Self> {
        let mut m = memory::zeros(a.z.dim())?;
        let seen = a.identity_minus(m.view_mut());
        let sums = 1.0 - &seen.row_sums;
        match eliminate::factorize(m.view_mut())? {
            Err(bad) if !seen.negative => return Err(a.culprit().not_productive(bad)),
            Ok(()) => match Self(Lu::Plain(m)).verified(&sums) {
                Err(residual) if !seen.negative => return Err(a.culprit().singular(f64::NAN, residual)),
                Err(_) => {}
                Ok(factor) => return Ok(factor),
            },
            Err(_) => {}
        }
        let mut m = memory::zeros(a.z.dim())?;
        a.identity_minus(m.view_mut());
        let order = m.nrows();
        let lu = pool::with_deep_stack(|| m.factorize_into())?;
        let lu = Box::new(lu.map_err(|_| a.culprit().singular(f64::INFINITY, f64::NAN))?);
        Self(Lu::Pivoted { lu, order }).verified(&sums).map_err(|residual| a.culprit().singular(f64::NAN, residual))
    }

    /// Factor one region's `I - a^D`; an error names the column of the table.
    pub fn local<T: Cell>(z: ArrayView2<T>, x: ArrayView1<f64>, rows: Range<usize>) -> Result<Self> {
        let factor = Coefficients::local(z, x, rows.clone()).and_then(|a| Self::new(&a));
        factor.map_err(|error| error.shifted(rows.start))
    }

    /// Itself, if it solves `m z = m 1` by ones; else how far off it is.
    fn verified(self, row_sums: &Array1<f64>) -> std::result::Result<Self, f64> {
        let residual = failure(self.solve_vector(row_sums.clone()).iter().map(|z| z - 1.0));
        // Written so that NaN fails.
        if residual <= FACTOR_RESIDUAL { Ok(self) } else { Err(residual) }
    }

    /// Whether row exchanges were needed.
    pub fn is_pivoted(&self) -> bool {
        matches!(self.0, Lu::Pivoted { .. })
    }

    /// Columns of `b` replaced by `(I - a)^-1 b`, or by `(I - a')^-1 b` when transposed.
    fn substitute_columns(&self, mut b: ArrayViewMut2<f64>, transposed: bool) {
        match &self.0 {
            Lu::Plain(lu) => {
                let order =
                    if transposed { [Triangle::Upper, Triangle::Lower] } else { [Triangle::Lower, Triangle::Upper] };
                for triangle in order {
                    blas::solve_left(triangle, transposed, lu.view(), b.view_mut());
                }
            }
            Lu::Pivoted { lu, .. } => {
                for mut column in b.columns_mut() {
                    let part = column.to_owned();
                    match if transposed { lu.solve_t_into(part) } else { lu.solve_into(part) } {
                        Ok(solved) => column.assign(&solved),
                        Err(_) => unreachable!("LAPACK's solve refuses only wrong shapes"),
                    }
                }
            }
        }
    }

    /// One vector by plain loops at any order: many blocks are solved side by side, where threads of BLAS would fight.
    pub(super) fn solve_alone(&self, b: Array1<f64>, transposed: bool) -> Array1<f64> {
        let mut b = in_order(b);
        match &self.0 {
            Lu::Plain(lu) if transposed => substitute_transposed(lu.view(), &mut b),
            Lu::Plain(lu) => substitute(lu.view(), &mut b),
            Lu::Pivoted { .. } => return self.substitute_vector(b, transposed),
        }
        b
    }

    fn substitute_vector(&self, b: Array1<f64>, transposed: bool) -> Array1<f64> {
        let mut b = in_order(b).insert_axis(Axis(1));
        self.substitute_columns(b.view_mut(), transposed);
        b.remove_axis(Axis(1))
    }

    /// In slices of columns, so that Ctrl-C is heard within a second.
    fn substitute_slices(&self, b: Array2<f64>, transposed: bool) -> Result<Array2<f64>> {
        let mut b = in_order(b);
        if self.order().pow(2) * b.ncols() <= FEW {
            for mut column in b.columns_mut() {
                let solved = self.solve_alone(column.to_owned(), transposed);
                column.assign(&solved);
            }
            return Ok(b);
        }
        let columns = blas::columns_per_call(self.order());
        for part in b.axis_chunks_iter_mut(Axis(1), columns) {
            interrupt::check()?;
            self.substitute_columns(part, transposed);
        }
        Ok(b)
    }

    /// `solve` of one vector.
    pub fn solve_vector(&self, b: Array1<f64>) -> Array1<f64> {
        match &self.0 {
            Lu::Plain(_) if b.len() <= SMALL => self.solve_alone(b, false),
            _ => self.substitute_vector(b, false),
        }
    }

    /// `solve_transposed` of one vector.
    pub fn solve_transposed_vector(&self, b: Array1<f64>) -> Array1<f64> {
        match &self.0 {
            Lu::Plain(_) if b.len() <= SMALL => self.solve_alone(b, true),
            _ => self.substitute_vector(b, true),
        }
    }
}

impl Solver for Factor {
    fn order(&self) -> usize {
        match &self.0 {
            Lu::Plain(lu) => lu.nrows(),
            Lu::Pivoted { order, .. } => *order,
        }
    }

    fn solve(&self, b: Array2<f64>) -> Result<Array2<f64>> {
        self.substitute_slices(b, false)
    }

    fn solve_transposed(&self, b: Array2<f64>) -> Result<Array2<f64>> {
        self.substitute_slices(b, true)
    }
}

/// The array row after row in memory: itself, if it lies so.
fn in_order<D: Dimension>(array: Array<f64, D>) -> Array<f64, D> {
    if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() }
}

fn substitute(lu: ArrayView2<f64>, b: &mut Array1<f64>) {
    let n = b.len();
    let (Some(lu), Some(b)) = (lu.to_slice(), b.as_slice_mut()) else { unreachable!("both are made row by row") };
    for i in 1..n {
        let (known, rest) = b.split_at_mut(i);
        rest[0] -= dot(&lu[i * n..i * n + i], known);
    }
    for i in (0..n).rev() {
        let (rest, known) = b.split_at_mut(i + 1);
        rest[i] = (rest[i] - dot(&lu[i * n + i + 1..(i + 1) * n], known)) / lu[i * n + i];
    }
}

fn substitute_transposed(lu: ArrayView2<f64>, b: &mut Array1<f64>) {
    let n = b.len();
    let (Some(lu), Some(b)) = (lu.to_slice(), b.as_slice_mut()) else { unreachable!("both are made row by row") };
    for i in 0..n {
        let (known, rest) = b.split_at_mut(i + 1);
        known[i] /= lu[i * n + i];
        add_scaled(rest, -known[i], &lu[i * n + i + 1..(i + 1) * n]);
    }
    for i in (1..n).rev() {
        let (rest, known) = b.split_at_mut(i);
        add_scaled(rest, -known[0], &lu[i * n..i * n + i]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use ndarray::array;

    fn factor_of(m: &Array2<f64>) -> Result<Factor> {
        let a = Array2::<f64>::eye(m.nrows()) - m;
        Factor::new(&Coefficients { z: a.view(), per_unit: vec![1.0; m.nrows()] })
    }

    fn check(m: &Array2<f64>, pivoted: bool) -> Result<()> {
        let n = m.nrows();
        let b = Array2::from_shape_fn((n, 3), |(i, j)| (i + 2 * j) as f64 - 1.5);
        let factor = factor_of(m)?;
        assert_eq!((factor.is_pivoted(), factor.order()), (pivoted, n));
        let close = |got: Array2<f64>| assert!((got - &b).iter().all(|e| e.abs() < 1e-11));
        close(m.dot(&factor.solve(b.clone())?));
        close(m.t().dot(&factor.solve_transposed(b.clone())?));
        let column = b.column(1);
        let near = |got: Array1<f64>| assert!((got - column).iter().all(|e| e.abs() < 1e-11));
        near(m.dot(&factor.solve_vector(column.to_owned())));
        near(m.t().dot(&factor.solve_transposed_vector(column.to_owned())));
        Ok(())
    }

    #[test]
    fn solves_in_both_directions_small_and_large() -> Result<()> {
        for n in [1, 5, 96, 97, 150] {
            let a = Array2::from_shape_fn((n, n), |(i, j)| ((i * 7 + j * 13) % 11) as f64 / (13.0 * n as f64));
            check(&(Array2::eye(n) - a), false)?;
        }
        Ok(())
    }

    #[test]
    fn negative_coefficients_are_solved_with_exchanges() -> Result<()> {
        // The first pivot is 0: no elimination without exchanges.
        check(&array![[0.0, 2.0], [-1.0, 3.0]], true)
    }

    #[test]
    fn what_has_no_solution_is_refused() {
        let waste = factor_of(&array![[0.1, -0.4], [-0.4, 0.1]]);
        assert!(matches!(waste, Err(Error::NotProductive { .. })));
        let flat = factor_of(&array![[0.0, 2.0], [0.0, 3.0]]);
        assert!(matches!(flat, Err(Error::Singular { .. })));
    }
}
