//! From the core's error to the Python exception, in one exhaustive match.

use pyo3::PyErr;
use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError};
use pyo3::import_exception;

use crate::error::{Error, Margin};

import_exception!(gvckit.errors, ShapeError);
import_exception!(gvckit.errors, OptionError);
import_exception!(gvckit.errors, NonFiniteError);
import_exception!(gvckit.errors, NotProductiveError);
import_exception!(gvckit.errors, SingularError);
import_exception!(gvckit.errors, ReadError);
import_exception!(gvckit.errors, IndicatorError);
import_exception!(gvckit.errors, BalanceError);

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
            Error::Unsolved { .. } => SingularError::new_err(text),
            Error::Read { message, sheet, cell } => ReadError::new_err((message, None::<String>, sheet, cell)),
            Error::Memory { .. } => PyMemoryError::new_err(text),
            Error::Interrupted => PyKeyboardInterrupt::new_err(()),
        }
    }
}
