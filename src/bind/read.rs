//! Cells of files.

use std::path::PathBuf;

use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;

use super::call::detached;
use crate::read::delimited::{self, Points, Style};
use crate::read::flat::{self, FlatColumns};
use crate::read::grid::{self, Text};
use crate::read::limits;
use crate::read::sheet;
use crate::read::source::{Place, Source};

/// Texts as (row, col, text).
type Texts = Vec<(u32, u32, String)>;
/// Numbers (NaN where none), texts, and what cells hold that are neither.
type Cells<'py> = (Bound<'py, PyArray2<f64>>, Texts, Texts);

/// A file or bytes, and the member of the zip archive that it is.
#[derive(FromPyObject)]
pub enum From {
    Path(PathBuf),
    Bytes(Vec<u8>),
}

fn place(from: From) -> Place {
    match from {
        From::Path(path) => Place::File(path),
        From::Bytes(bytes) => Place::Bytes(bytes),
    }
}

fn source(from: From, member: Option<String>) -> Source {
    Source { place: place(from), member }
}

fn cells(py: Python<'_>, sheet: grid::Sheet) -> Cells<'_> {
    let texts = |found: Vec<Text>| found.into_iter().map(|t| (t.row, t.col, t.text)).collect();
    (sheet.numbers.into_pyarray(py), texts(sheet.texts), texts(sheet.odd))
}

/// `E8` for row 7, column 4.
#[pyfunction]
pub fn cell_name(row: usize, col: usize) -> String {
    grid::cell_name(row, col)
}

/// Most bytes that a member of so many bytes in an archive may unfold to.
#[pyfunction]
pub fn most_bytes(packed: u64) -> PyResult<u64> {
    Ok(limits::most_bytes(packed)?)
}

/// Names of a workbook's sheets, and whether each is shown.
#[pyfunction]
pub fn sheet_names(py: Python<'_>, book: From) -> PyResult<Vec<(String, bool)>> {
    detached(py, || sheet::sheets(place(book)))
}

/// One sheet of an xlsx, xlsb, xls or ods workbook, or its first rows.
#[pyfunction]
#[pyo3(signature = (book, sheet, rows=None))]
pub fn read_sheet(py: Python<'_>, book: From, sheet: String, rows: Option<usize>) -> PyResult<Cells<'_>> {
    let read = detached(py, || sheet::read_sheet(place(book), &sheet, rows))?;
    Ok(cells(py, read))
}

/// First lines of a delimited text as fields, blank ones too.
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

/// A delimited text as a sheet, or its first lines; what the points of its numbers may be (none, either, decimals), and
/// how many fields each line has.
#[pyfunction]
#[pyo3(signature = (place, member, separator, decimal='.', thousands=None, rows=None))]
pub fn read_delimited(
    py: Python<'_>,
    place: From,
    member: Option<String>,
    separator: char,
    decimal: char,
    thousands: Option<char>,
    rows: Option<usize>,
) -> PyResult<(Cells<'_>, &'static str, Vec<u32>)> {
    let style = Style { separator: separator as u8, decimal, thousands };
    let found = detached(py, || delimited::sheet(source(place, member), &style, rows))?;
    let points = match found.points {
        Points::None => "none",
        Points::Either => "either",
        Points::Decimals => "decimals",
    };
    Ok((cells(py, found.sheet), points, found.fields))
}

type Labels = Vec<Vec<String>>;

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
) -> PyResult<(Labels, Labels, Bound<'py, PyArray2<f64>>)> {
    let columns = FlatColumns { row, column, value, only };
    let found = detached(py, || flat::flat(source(place, member), separator as u8, &columns))?;
    Ok((found.rows, found.columns, found.cells.into_pyarray(py)))
}
