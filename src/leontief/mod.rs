//! Input coefficients, Leontief and Ghosh inverses, and solves in their place.

mod checks;
mod coefficients;
mod eliminate;
mod factor;
mod inverse;
mod iterate;
mod local;

use ndarray::{Array2, ArrayView2};

use crate::error::Result;

pub use checks::{EXTRACTION_RESIDUAL, failure};
pub use coefficients::{identity_minus, input_coefficients, output_coefficients};
pub use factor::{Factor, factor};
pub use inverse::{Inverse, Route, ghosh_inverse, inverse_of_flows, leontief_inverse};
pub use iterate::{Iteration, has_no_negative};
pub use local::{Local, local_inverse};

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
