//! Cells of files.

use std::path::PathBuf;

use numpy::IntoPyArray;
use pyo3::prelude::*;

use super::call::{Matrix, detached};
use crate::read::delimited::{self, FlatColumns};
use crate::read::sheet;
use crate::read::source::{Place, Source};

/// Name of the sheet, names of all sheets, numbers (NaN where none) and texts as (row, col, text).
type Sheet<'py> = (String, Vec<String>, Matrix<'py>, Vec<(u32, u32, String)>);

/// One sheet of an xlsx or xlsb workbook.
#[pyfunction]
#[pyo3(signature = (path, sheet=None))]
pub fn read_sheet<'py>(py: Python<'py>, path: PathBuf, sheet: Option<String>) -> PyResult<Sheet<'py>> {
    let read = detached(py, || sheet::read_sheet(&path, sheet.as_deref()))?;
    let texts = read.texts.into_iter().map(|t| (t.row, t.col, t.text)).collect();
    Ok((read.name, read.sheets, read.numbers.into_pyarray(py), texts))
}

/// A file or bytes, and the member of the zip archive that it is.
#[derive(FromPyObject)]
pub enum From {
    Path(PathBuf),
    Bytes(Vec<u8>),
}

fn source(from: From, member: Option<String>) -> Source {
    let place = match from {
        From::Path(path) => Place::File(path),
        From::Bytes(bytes) => Place::Bytes(bytes),
    };
    Source { place, member }
}

/// First lines of a delimited text as fields.
#[pyfunction]
pub fn read_head(
    py: Python<'_>,
    place: From,
    member: Option<String>,
    separator: char,
    lines: usize,
) -> PyResult<Vec<Vec<String>>> {
    detached(py, || delimited::head(source(place, member), separator as u8, lines))
}

type Labels = Vec<Vec<String>>;

/// Labels of rows, and numbers in groups of columns (rows, width); NaN where a field is empty.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn read_delimited<'py>(
    py: Python<'py>,
    place: From,
    member: Option<String>,
    separator: char,
    header: usize,
    label_columns: usize,
    widths: Vec<usize>,
    rows: usize,
) -> PyResult<(Labels, Vec<Matrix<'py>>)> {
    let found = detached(py, || {
        delimited::matrix(source(place, member), separator as u8, header, label_columns, &widths, rows)
    })?;
    Ok((found.labels, found.blocks.into_iter().map(|block| block.into_pyarray(py)).collect()))
}

/// A flat list of cells as a matrix: names of rows and of columns, numbers (NaN where the list has none).
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn read_flat<'py>(
    py: Python<'py>,
    place: From,
    member: Option<String>,
    separator: char,
    row: Vec<usize>,
    column: Vec<usize>,
    value: usize,
    only: Option<(usize, String)>,
) -> PyResult<(Labels, Labels, Matrix<'py>)> {
    let columns = FlatColumns { row, column, value, only };
    let found = detached(py, || delimited::flat(source(place, member), separator as u8, &columns))?;
    Ok((found.rows, found.columns, found.cells.into_pyarray(py)))
}
