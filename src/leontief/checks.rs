//! The checks that LAPACK doesn't make: what counts as a solution, and whose fault it is when there is none.
//!
//! LAPACK signals exact singularity only: A = [[.9, .4], [.4, .9]] has a negative "inverse" without an error. Here a
//! result is given only for a productive economy (all pivots of I - A positive: Hawkins and Simon 1949), or, where
//! coefficients are negative and that test says nothing, when the residual of the solution is small.

use ndarray::{Array1, ArrayView2, Axis};

use super::eliminate::BadPivot;
use crate::error::Error;
use crate::table;

/// Largest relative error of a probe solve by factors.
pub const FACTOR_RESIDUAL: f64 = 1e-9;
/// Largest relative residual of an inverse on its probe vectors.
pub const INVERSE_RESIDUAL: f64 = 1e-8;
/// Largest relative residual of an economy without some of its sales.
pub const EXTRACTION_RESIDUAL: f64 = 1e-8;
/// Largest condition number in the 1-norm: beyond it fewer than four digits are right.
pub const CONDITION: f64 = 1e12;

/// Largest absolute value; a NaN counts as the largest.
pub fn failure(errors: impl Iterator<Item = f64>) -> f64 {
    errors.fold(0.0, |worst: f64, e| if worst.is_nan() || e.abs() <= worst { worst } else { e.abs() })
}

/// The column that an error names: the one with the largest sum of input coefficients.
#[derive(Clone, Copy)]
pub struct Culprit {
    col: usize,
    sum: f64,
}

impl Culprit {
    /// Of `m = I - a`.
    pub fn of(m: ArrayView2<f64>) -> Self {
        Self::of_sums(m.sum_axis(Axis(0)).mapv(|e| 1.0 - e))
    }

    /// Of the column sums of `a`.
    pub fn of_sums(sums: Array1<f64>) -> Self {
        let col = table::largest(sums.view());
        Self { col, sum: sums.get(col).copied().unwrap_or(0.0) }
    }

    /// A pivot that is not positive.
    pub fn not_productive(self, bad: BadPivot) -> Error {
        Error::NotProductive { col: self.col, sum: self.sum, pivot: bad.0 }
    }

    /// No solution of useful accuracy.
    pub fn singular(self, condition: f64, residual: f64) -> Error {
        Error::Singular { col: self.col, sum: self.sum, condition, residual }
    }
}
