//! LU factors of an I - A, kept for many solves.

use ndarray::{Array, Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, Dimension, s};
use ndarray_linalg::{FactorizeInto, LUFactorized, Solve};
use rayon::prelude::*;

use super::checks::{Culprit, FACTOR_RESIDUAL, failure};
use super::coefficients::identity_minus;
use super::eliminate;
use super::solver::Solver;
use crate::error::Result;
use crate::machine::blas::{self, Triangle};
use crate::machine::passes::ROWS_PER_TASK;
use crate::machine::simd::{add_scaled, dot};
use crate::machine::{interrupt, memory};

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
    memory::expect("factor", z.nrows(), &[("LU", z.len() as f64)])?;
    Factor::new(identity_minus(z, x)?)
}

impl Factor {
    /// Factor `m = I - a` in place.
    ///
    /// Elimination without pivoting first; when a pivot or the probe solve fails and `a` has negative entries (where
    /// the Hawkins-Simon argument doesn't hold), LAPACK with pivoting. Holds one n x n array, with negative entries two.
    pub fn new(mut m: Array2<f64>) -> Result<Self> {
        let culprit = Culprit::of(m.view());
        let row_sums = m.sum_axis(Axis(1));
        // For a >= 0 the pivots decide, and no copy is needed for a second try.
        let second_try = has_negative_coefficient(m.view()).then(|| memory::copy(m.view())).transpose()?;
        let outcome = eliminate::factorize(m.view_mut())?;
        match (outcome, second_try) {
            (Err(bad), None) => Err(culprit.not_productive(bad)),
            (Ok(()), None) => Self(Lu::Plain(m)).verified(row_sums, culprit),
            (outcome, Some(copy)) => {
                if outcome.is_ok() {
                    let plain = Self(Lu::Plain(m)).verified(row_sums.clone(), culprit);
                    if plain.is_ok() {
                        return plain;
                    }
                }
                Self::pivoted(copy, culprit)?.verified(row_sums, culprit)
            }
        }
    }

    fn pivoted(m: Array2<f64>, culprit: Culprit) -> Result<Self> {
        let order = m.nrows();
        let lu = m.factorize_into().map_err(|_| culprit.singular(f64::INFINITY, f64::NAN))?;
        Ok(Self(Lu::Pivoted { lu: Box::new(lu), order }))
    }

    /// Itself, if it solves `m z = m 1` by ones.
    fn verified(self, row_sums: Array1<f64>, culprit: Culprit) -> Result<Self> {
        let residual = failure(self.solve_vector(row_sums).iter().map(|z| z - 1.0));
        // Written so that NaN fails.
        if residual <= FACTOR_RESIDUAL { Ok(self) } else { Err(culprit.singular(f64::NAN, residual)) }
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

/// Whether `a = I - m` has an entry below zero.
pub fn has_negative_coefficient(m: ArrayView2<f64>) -> bool {
    // Maxima on both sides of the diagonal have no branches, and so run at the speed of memory.
    let largest = |part: ArrayView1<f64>| part.iter().fold(f64::MIN, |a, &b| if b > a { b } else { a });
    let negative = |(i, row): (usize, ArrayView1<f64>)| {
        row[i] > 1.0 || largest(row.slice(s![..i])) > 0.0 || largest(row.slice(s![i + 1..])) > 0.0
    };
    if m.nrows() <= SMALL {
        // Many small blocks are looked at side by side already.
        m.outer_iter().enumerate().any(negative)
    } else {
        m.outer_iter().into_par_iter().with_min_len(ROWS_PER_TASK).enumerate().any(negative)
    }
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

    fn check(m: &Array2<f64>, pivoted: bool) -> Result<()> {
        let n = m.nrows();
        let b = Array2::from_shape_fn((n, 3), |(i, j)| (i + 2 * j) as f64 - 1.5);
        let factor = Factor::new(m.clone())?;
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
        let waste = Factor::new(array![[0.1, -0.4], [-0.4, 0.1]]);
        assert!(matches!(waste, Err(Error::NotProductive { .. })));
        let flat = Factor::new(array![[0.0, 2.0], [0.0, 3.0]]);
        assert!(matches!(flat, Err(Error::Singular { .. })));
    }
}
