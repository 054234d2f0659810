//! From the core's error to the Python exception, in one exhaustive match.

use pyo3::PyErr;
use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError};
use pyo3::import_exception;

use crate::error::{Error, Margin, Market};

import_exception!(gvckit.errors, ShapeError);
import_exception!(gvckit.errors, OptionError);
import_exception!(gvckit.errors, NonFiniteError);
import_exception!(gvckit.errors, NotProductiveError);
import_exception!(gvckit.errors, SingularError);
import_exception!(gvckit.errors, ReadError);
import_exception!(gvckit.errors, IndicatorError);
import_exception!(gvckit.errors, BalanceError);
import_exception!(gvckit.errors, EquilibriumError);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Shape { .. } => ShapeError::new_err(text),
            Error::Option { .. } => OptionError::new_err(text),
            Error::NonFinite { row, col, .. } => NonFiniteError::new_err((text, row, col)),
            Error::NotProductive { col, .. } => NotProductiveError::new_err((text, None::<usize>, col)),
            Error::Singular { col, .. } => SingularError::new_err((text, None::<usize>, col)),
            Error::Indicator { col, row, problem } => IndicatorError::new_err((problem.to_string(), row, col)),
            Error::Unbalanced { margin: Margin::Row(row), .. } => BalanceError::new_err((text, row, None::<usize>)),
            Error::Unbalanced { margin: Margin::Column(col), .. } => BalanceError::new_err((text, None::<usize>, col)),
            Error::NotConverged { .. } => BalanceError::new_err(text),
            // What it is about: a good (row) for a column (col), a region (col), or a row of the table.
            Error::NoSource { good, column } => EquilibriumError::new_err((text, good, column)),
            Error::NoIncome { region }
            | Error::NoEquilibrium { market: Market::Labour(region) | Market::Spending(region), .. } => {
                EquilibriumError::new_err((text, None::<usize>, region))
            }
            Error::NoEquilibrium { market: Market::Cost(row) | Market::Goods(row), .. } => {
                EquilibriumError::new_err((text, row))
            }
            Error::Unsolved { .. } => SingularError::new_err(text),
            Error::Read { message, sheet, cell } => ReadError::new_err((message, None::<String>, sheet, cell)),
            Error::Memory { .. } => PyMemoryError::new_err(text),
            Error::Interrupted => PyKeyboardInterrupt::new_err(()),
        }
    }
}
