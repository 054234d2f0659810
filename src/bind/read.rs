//! Cells of files.

use std::path::PathBuf;

use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;

use crate::read::sheet;

/// Name of the sheet, names of all sheets, numbers (NaN where none) and texts as (row, col, text).
type Sheet<'py> = (String, Vec<String>, Bound<'py, PyArray2<f64>>, Vec<(u32, u32, String)>);

/// One sheet of an xlsx or xlsb workbook.
#[pyfunction]
#[pyo3(signature = (path, sheet=None))]
pub fn read_sheet<'py>(py: Python<'py>, path: PathBuf, sheet: Option<String>) -> PyResult<Sheet<'py>> {
    let read = py.detach(|| sheet::read_sheet(&path, sheet.as_deref()))?;
    let texts = read.texts.into_iter().map(|t| (t.row, t.col, t.text)).collect();
    Ok((read.name, read.sheets, read.numbers.into_pyarray(py), texts))
}
