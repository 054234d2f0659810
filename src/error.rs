//! One error type for the crate. Variants hold the numbers; the words for labels are added in Python.

use thiserror::Error;

/// Everything that can go wrong in the core.
#[derive(Debug, Error, Clone, PartialEq)]
pub enum Error {
    /// Two arrays don't fit together.
    #[error("{what} has shape {got}, expected {expected}")]
    Shape {
        /// Which argument.
        what: &'static str,
        /// The shape that was needed.
        expected: String,
        /// The shape that came.
        got: String,
    },
    /// NaN or infinity in an input.
    #[error("{what} holds {value} at row {row}, column {col}: NaN and infinity are refused")]
    NonFinite {
        /// Which argument.
        what: &'static str,
        /// Row, counted from 0.
        row: usize,
        /// Column, counted from 0.
        col: usize,
        /// NaN, inf or -inf.
        value: f64,
    },
    /// The economy uses up more than it makes: I - A has a non-positive pivot.
    #[error(
        "I - A is not productive (Hawkins-Simon): elimination meets the pivot {pivot:.3e}; \
         the largest input coefficient sum is {sum:.6} in column {col}"
    )]
    NotProductive {
        /// The column with the largest sum of input coefficients.
        col: usize,
        /// That sum.
        sum: f64,
        /// The first pivot that is not positive.
        pivot: f64,
    },
    /// I - A can't be inverted to useful accuracy.
    #[error(
        "I - A is singular or nearly so (condition number about {condition:.1e}, residual {residual:.1e}); \
         the largest input coefficient sum is {sum:.6} in column {col}"
    )]
    Singular {
        /// The column with the largest sum of input coefficients.
        col: usize,
        /// That sum.
        sum: f64,
        /// Estimated condition number in the 1-norm.
        condition: f64,
        /// Largest relative residual that was measured.
        residual: f64,
    },
    /// A file that can't be read as what it claims to be.
    #[error("{message}")]
    Read {
        /// What is wrong, and what was expected.
        message: String,
        /// Sheet or member of the archive, if known.
        sheet: Option<String>,
        /// Cell such as `E8`, if known.
        cell: Option<String>,
    },
    /// The user pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// The error of a part of a table, with its column counted from the part's first row.
    pub fn shifted(mut self, first: usize) -> Self {
        if let Self::NotProductive { col, .. } | Self::Singular { col, .. } = &mut self {
            *col += first;
        }
        self
    }
}

/// Result with the crate's error.
pub type Result<T> = std::result::Result<T, Error>;
