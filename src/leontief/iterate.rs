//! Solves without factors of the whole: `z <- L (b + A^F z)`, region by region.
//!
//! Trade between regions is small beside what happens inside them, so that the rounds shrink fast (a quarter each on
//! WIOD). A round is one pass over Z; LU factors cost n^3 and another matrix of that size.

use std::sync::OnceLock;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::factor::{Factor, factor};
use super::local::Local;
use super::solver::Solver;
use crate::error::Result;
use crate::machine::{blas, interrupt, memory, passes};
use crate::table::{Blocks, reciprocal};

/// What rows may still lack, relative to the sum of `M^k u`: the largest cell of the row over all right-hand sides, taken
/// without signs.
const TOLERANCE: f64 = 1e-14;
/// Up to so many columns, plain passes beat a product of matrices.
const NARROW: usize = 12;
/// An economy that needs more rounds than this is better solved by factors.
const MOST_ROUNDS: usize = 100;
/// Rounds after which the rate of contraction tells whether the others would do.
const TRIAL_ROUNDS: usize = 10;

/// A table's `I - a`, solved by rounds of local solves.
///
/// For `a >= 0` alone. The increments are `M^k L b` with `M = L A^F >= 0`; of a vector `u >= |L b|`, `M^k u` bounds them,
/// and once `M u_k <= r u_k` with `r < 1`, all that is left out is at most `r / (1 - r) M u_k` (Collatz 1942; Wielandt
/// 1950): the stopping rule is a bound, not a guess.
pub struct Iteration<'a> {
    z: ArrayView2<'a, f64>,
    x: ArrayView1<'a, f64>,
    local: &'a Local,
    /// Factors of the whole, if rounds were too many once.
    factor: &'a OnceLock<Factor>,
}

impl<'a> Iteration<'a> {
    /// Over a table whose flows and output are not negative, with the factors of its domestic blocks.
    pub fn new(z: ArrayView2<'a, f64>, x: ArrayView1<'a, f64>, local: &'a Local, factor: &'a OnceLock<Factor>) -> Self {
        Self { z, x, local, factor }
    }

    fn blocks(&self) -> &Blocks {
        self.local.blocks()
    }

    /// `A^F b`, or `A^F' b`.
    fn abroad(&self, b: &Array2<f64>, transposed: bool) -> Result<Array2<f64>> {
        let scale = reciprocal(self.x)?.insert_axis(Axis(1));
        if transposed {
            return Ok(self.sold_abroad(b, transposed)? * &scale);
        }
        self.sold_abroad(&(b * &scale), transposed)
    }

    fn sold_abroad(&self, b: &Array2<f64>, transposed: bool) -> Result<Array2<f64>> {
        if b.ncols() > NARROW {
            return if transposed { self.wide_transposed(b) } else { self.wide(b) };
        }
        let columns: Vec<_> = b.columns().into_iter().collect();
        let pass = if transposed { passes::left_products } else { passes::products };
        let mut out = Array2::zeros(b.dim());
        for (mut target, column) in out.columns_mut().into_iter().zip(pass(self.z, self.blocks().bounds(), &columns)) {
            target.assign(&column);
        }
        Ok(out)
    }

    /// `Z^F b`: flows from the rows of a region to all other regions.
    fn wide(&self, b: &Array2<f64>) -> Result<Array2<f64>> {
        let mut out = Array2::zeros(b.dim());
        for (_, home) in self.blocks().iter() {
            let mut rows = out.slice_mut(s![home.clone(), ..]);
            for part in [0..home.start, home.end..self.order()] {
                let flows = self.z.slice(s![home.clone(), part.clone()]);
                blas::gemm(1.0, flows, b.slice(s![part, ..]), 1.0, rows.view_mut())?;
            }
        }
        Ok(out)
    }

    /// `Z^F' b`: the columns of b as rows, so that Z is read as it lies.
    fn wide_transposed(&self, b: &Array2<f64>) -> Result<Array2<f64>> {
        let weights = b.t().as_standard_layout().into_owned();
        let mut out = Array2::zeros(weights.dim());
        for (_, home) in self.blocks().iter() {
            let own = weights.slice(s![.., home.clone()]);
            for part in [0..home.start, home.end..self.order()] {
                let flows = self.z.slice(s![home.clone(), part.clone()]);
                blas::gemm(1.0, own, flows, 1.0, out.slice_mut(s![.., part]))?;
            }
        }
        Ok(out.reversed_axes().as_standard_layout().into_owned())
    }

    fn rounds(&self, b: Array2<f64>, transposed: bool) -> Result<Array2<f64>> {
        if let Some(factor) = self.factor.get() {
            return by_factor(factor, b, transposed);
        }
        let columns = b.ncols();
        memory::expect("rounds", b.nrows(), &[("right-hand sides", 6.0 * b.len() as f64)])?;
        let first = self.local.solve_columns(b.clone(), transposed);
        let mut solution = first.clone();
        let mut size = first.map_axis(Axis(1), |row| row.iter().fold(0.0_f64, |m, e| m.max(e.abs())));
        let mut increment = Array2::zeros((b.nrows(), columns + 1));
        increment.slice_mut(s![.., ..columns]).assign(&first);
        increment.column_mut(columns).assign(&size);
        for round in 1..=MOST_ROUNDS {
            interrupt::check()?;
            let next = self.local.solve_columns(self.abroad(&increment, transposed)?, transposed);
            solution += &next.slice(s![.., ..columns]);
            let bound = next.column(columns);
            size += &bound;
            let rate = contraction(increment.column(columns), bound);
            let left = rate / (1.0 - rate);
            if rate < 1.0 && bound.iter().zip(&size).all(|(u, size)| u * left <= TOLERANCE * size) {
                return Ok(solution);
            }
            if round >= TRIAL_ROUNDS && rate.powi((MOST_ROUNDS - round) as i32) > TOLERANCE {
                break;
            }
            increment = next;
        }
        // Hardly productive, or not at all: the factors tell.
        let found = factor(self.z, self.x)?;
        by_factor(self.factor.get_or_init(|| found), b, transposed)
    }
}

impl Solver for Iteration<'_> {
    fn order(&self) -> usize {
        self.blocks().n()
    }

    fn solve(&self, b: Array2<f64>) -> Result<Array2<f64>> {
        self.rounds(b, false)
    }

    fn solve_transposed(&self, b: Array2<f64>) -> Result<Array2<f64>> {
        self.rounds(b, true)
    }
}

fn by_factor(factor: &Factor, b: Array2<f64>, transposed: bool) -> Result<Array2<f64>> {
    if transposed { factor.solve_transposed(b) } else { factor.solve(b) }
}

/// Smallest r with `after <= r before`.
fn contraction(before: ArrayView1<f64>, after: ArrayView1<f64>) -> f64 {
    let ratio = |(u, next): (&f64, &f64)| if *next == 0.0 { 0.0 } else { next / u };
    before.iter().zip(after).map(ratio).fold(0.0, |most: f64, r| if most.is_nan() || r <= most { most } else { r })
}

/// Whether a table's `a` has no negative entry.
pub fn has_no_negative(z: ArrayView2<f64>, x: ArrayView1<f64>) -> bool {
    // A NaN is no such entry either: factors name it.
    x.iter().all(|x| *x >= 0.0) && z.axis_iter(Axis(0)).into_par_iter().all(|row| row.iter().all(|e| *e >= 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::close;
    use ndarray::Array1;

    /// Three regions of two sectors; `share` of each column's output is inputs, half of them from abroad.
    fn table(share: f64) -> (Array2<f64>, Array1<f64>) {
        let x = Array1::from_shape_fn(6, |j| 100.0 + 10.0 * j as f64);
        let z = Array2::from_shape_fn((6, 6), |(i, j)| {
            let home = i / 2 == j / 2;
            let weight = 1.0 + ((i * 5 + j * 3) % 7) as f64 / 10.0;
            share * x[j] * weight * if home { 0.19 } else { 0.07 }
        });
        (z, x)
    }

    fn check(share: f64) -> Result<()> {
        let (z, x) = table(share);
        let local = Local::new(z.view(), x.view(), &Blocks::equal(6, 2)?)?;
        let kept = OnceLock::new();
        let iteration = Iteration::new(z.view(), x.view(), &local, &kept);
        let factor = factor(z.view(), x.view())?;
        let b = Array2::from_shape_fn((6, 2), |(i, k)| i as f64 * 3.0 - 4.0 + k as f64);
        for (found, wanted) in [
            (iteration.solve(b.clone())?, factor.solve(b.clone())?),
            (iteration.solve_transposed(b.clone())?, factor.solve_transposed(b.clone())?),
        ] {
            let size = wanted.iter().fold(0.0_f64, |m, e| m.max(e.abs()));
            assert!(close(&found, &wanted, 1e-12 * size), "share {share}");
        }
        Ok(())
    }

    #[test]
    fn rounds_equal_factors_for_easy_and_for_barely_productive_economies() -> Result<()> {
        [0.0, 0.3, 0.8, 0.97].into_iter().try_for_each(check)
    }

    #[test]
    fn an_economy_that_is_not_productive_is_an_error() -> Result<()> {
        let (z, x) = table(1.3);
        let local = Local::new(z.view(), x.view(), &Blocks::equal(6, 2)?)?;
        let found = Iteration::new(z.view(), x.view(), &local, &OnceLock::new()).solve(Array2::ones((6, 1)));
        assert!(matches!(found, Err(crate::error::Error::NotProductive { .. })));
        Ok(())
    }

    #[test]
    fn negative_flows_are_seen() {
        let (mut z, x) = table(0.5);
        assert!(has_no_negative(z.view(), x.view()));
        z[[4, 1]] = -1e-9;
        assert!(!has_no_negative(z.view(), x.view()));
        assert!(!has_no_negative(table(0.5).0.view(), (-x).view()));
    }
}
