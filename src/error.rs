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
    /// A string that names no value of an option.
    #[error("{option}='{got}' is not known; allowed are '{}'", allowed.join("', '"))]
    Option {
        /// Which option.
        option: &'static str,
        /// What came.
        got: String,
        /// What is allowed.
        allowed: Vec<&'static str>,
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
    /// An economy without some of its sales that can't be solved for.
    #[error("the economy without these sales is singular or nearly so (residual {residual:.1e})")]
    Unsolved {
        /// Largest relative residual that was measured.
        residual: f64,
    },
    /// A total that no scaling of the cells reaches.
    #[error("no scaling of its cells gives the total {wanted} of {margin}")]
    Unbalanced {
        /// Which total.
        margin: Margin,
        /// What it was to be.
        wanted: f64,
    },
    /// An iteration that didn't end.
    #[error("not balanced after {rounds} rounds: a total is still off by {gap:.1e} of the largest one")]
    NotConverged {
        /// Rounds that were made.
        rounds: usize,
        /// Largest gap, relative.
        gap: f64,
    },
    /// A good that nobody can deliver any more.
    #[error("a good that is needed has no source left")]
    NoSource {
        /// Sector of the good.
        good: usize,
        /// Input column that needs it, or n and the region whose final use does.
        column: usize,
    },
    /// A region whose final spending would not be positive.
    #[error("nothing is left to spend: its surplus in trade is as large as what it earns")]
    NoIncome {
        /// The region.
        region: usize,
    },
    /// Markets that didn't clear.
    #[error("not in equilibrium after {rounds} rounds: {market} is still off by {gap:.1e}")]
    NoEquilibrium {
        /// Rounds that were made.
        rounds: usize,
        /// Largest change in the last of them, relative.
        gap: f64,
        /// Where.
        market: Market,
    },
    /// An indicator that can't be brought into an index.
    #[error("indicator {col}{}: {problem}", .row.map_or(String::new(), |row| format!(", row {row}")))]
    Indicator {
        /// Indicator, counted from 0; beyond the indicators, an average of the tree.
        col: usize,
        /// Row, counted from 0, if it is about one.
        row: Option<usize>,
        /// What is wrong.
        problem: Problem,
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
    /// More memory than there is.
    #[error("{message}")]
    Memory {
        /// What was wanted, how much it is, and how much there is.
        message: String,
    },
    /// The user pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

/// A row or a column, counted from 0.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum Margin {
    /// A row.
    #[error("row {0}")]
    Row(usize),
    /// A column.
    #[error("column {0}")]
    Column(usize),
}

/// What is solved for in an equilibrium, with its row or region.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum Market {
    /// Wage of a region.
    #[error("the wage")]
    Labour(usize),
    /// Cost of a row.
    #[error("the cost")]
    Cost(usize),
    /// Output of a row.
    #[error("the output")]
    Goods(usize),
    /// Final spending of a region.
    #[error("final spending")]
    Spending(usize),
}

/// Why an indicator can't be brought into an index.
#[derive(Debug, Error, Clone, Copy, PartialEq)]
pub enum Problem {
    /// All values are the same.
    #[error("is constant, and {by} would divide by zero: leave it out, or use goalposts")]
    Constant {
        /// The normalisation.
        by: &'static str,
    },
    /// Too few values to spread.
    #[error("has one value alone, and its normalisation needs two or more: use goalposts, a reference or none")]
    Single,
    /// A mean of a value that isn't positive.
    #[error("is {value}, and the {mean} mean needs positive values: use bounds above zero, such as (1, 100)")]
    NotPositive {
        /// The mean.
        mean: &'static str,
        /// The value.
        value: f64,
    },
    /// A target that no value can approach.
    #[error("has its target {target} on the wrong side of its values")]
    Target {
        /// The target.
        target: f64,
    },
    /// A reference that can't be divided by.
    #[error("has {reference} as its reference, which can't be divided by")]
    Reference {
        /// The reference.
        reference: f64,
    },
    /// The inverse of zero.
    #[error("is 0, and a negative direction with a reference divides by it")]
    Inverse,
    /// A value or reference below zero: ratios to it would turn the order round.
    #[error("is {value}, and a ratio to a reference needs values that are not negative: use min-max or z-score")]
    Negative {
        /// The value.
        value: f64,
    },
}

impl Error {
    /// A string that names no value of an option.
    pub fn option(option: &'static str, got: &str, allowed: Vec<&'static str>) -> Self {
        Self::Option { option, got: got.to_owned(), allowed }
    }

    /// A file that can't be read, without a place in it.
    pub fn reading(message: String) -> Self {
        Self::Read { message, sheet: None, cell: None }
    }

    /// The error of a part of a table, with its place counted from the part's first row.
    pub fn shifted(mut self, first: usize) -> Self {
        match &mut self {
            Self::NotProductive { col, .. } | Self::Singular { col, .. } => *col += first,
            Self::NonFinite { row, .. } => *row += first,
            _ => {}
        }
        self
    }
}

/// Result with the crate's error.
pub type Result<T> = std::result::Result<T, Error>;

/// Error unless an array has the shape that is needed.
pub fn expect_shape(what: &'static str, got: &[usize], expected: &[usize]) -> Result<()> {
    if got == expected {
        return Ok(());
    }
    Err(Error::Shape { what, expected: format!("{expected:?}"), got: format!("{got:?}") })
}
