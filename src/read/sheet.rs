//! One sheet of a workbook as a dense grid of numbers and a list of its texts.
//!
//! The sheet is never held as cell objects: an MRIO workbook has five million of them. `xlsx` and `xlsb` are
//! recognised by their contents.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use calamine::{Cell, DataRef, Reader, Xlsb, Xlsx};

use super::grid::{Grid, Sheet, Text, cell_name, choose};
use super::guard::guarded;
use super::scan::scan;
use super::source::problem;
use crate::error::{Error, Result};
use crate::machine::interrupt;

/// Rows between two looks for Ctrl-C.
const ROWS_PER_CHECK: u32 = 64;

/// Read one sheet; without a name, the first that is not a legend.
///
/// Plain sheets by the fast scanner, all others by calamine: `calamine` alone gives the same.
pub fn read_sheet(path: &Path, wanted: Option<&str>) -> Result<Sheet> {
    match scan(path, wanted)? {
        Some(sheet) => Ok(sheet),
        None => guarded(|| read_by_calamine(path, wanted)),
    }
}

/// Read one sheet by calamine's streaming cell reader.
pub fn read_by_calamine(path: &Path, wanted: Option<&str>) -> Result<Sheet> {
    let file = File::open(path).map_err(|e| problem(format!("can't be opened: {e}")))?;
    let mut reader = BufReader::new(file);
    if is_binary(&mut reader)? {
        let mut book = Xlsb::new(reader).map_err(not_a_workbook)?;
        let (name, sheets) = choose(book.sheet_names(), wanted)?;
        let mut cells = book.worksheet_cells_reader(&name).map_err(|e| in_sheet(&name, e))?;
        fill(name.clone(), sheets, || cells.next_cell().map_err(|e| in_sheet(&name, e)))
    } else {
        let mut book = Xlsx::new(reader).map_err(not_a_workbook)?;
        let (name, sheets) = choose(book.sheet_names(), wanted)?;
        let mut cells = book.worksheet_cells_reader(&name).map_err(|e| in_sheet(&name, e))?;
        fill(name.clone(), sheets, || cells.next_cell().map_err(|e| in_sheet(&name, e)))
    }
}

/// Whether the workbook is the binary kind (xlsb); both kinds are zip archives.
///
/// All members are read once for their checksums: calamine stops at the last cell and never sees them.
fn is_binary<R: Read + Seek>(reader: &mut R) -> Result<bool> {
    let mut archive = zip::ZipArchive::new(&mut *reader)
        .map_err(|e| problem(format!("is not a complete Excel workbook (xlsx or xlsb): {e}")))?;
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(not_a_workbook)?;
        io::copy(&mut member, &mut io::sink()).map_err(not_a_workbook)?;
        interrupt::check()?;
    }
    let binary = archive.index_for_name("xl/workbook.bin").is_some();
    reader.rewind().map_err(|e| problem(format!("can't be read: {e}")))?;
    Ok(binary)
}

fn fill<'a>(
    name: String,
    sheets: Vec<String>,
    mut next: impl FnMut() -> Result<Option<Cell<DataRef<'a>>>>,
) -> Result<Sheet> {
    let mut grid = Grid::default();
    let mut texts = Vec::new();
    let mut checked = 0;
    while let Some(cell) = next()? {
        let (row, col) = cell.get_position();
        if row / ROWS_PER_CHECK != checked {
            checked = row / ROWS_PER_CHECK;
            interrupt::check()?;
        }
        let place = |what: String| Error::Read {
            message: what,
            sheet: Some(name.clone()),
            cell: Some(cell_name(row as usize, col as usize)),
        };
        let value = match cell.get_value() {
            DataRef::Float(value) => *value,
            DataRef::Int(value) => *value as f64,
            DataRef::Bool(value) => f64::from(*value),
            // A number that someone formatted as a date.
            DataRef::DateTime(value) => value.as_f64(),
            DataRef::String(text) => {
                push_text(&mut texts, row, col, text);
                continue;
            }
            DataRef::SharedString(text) => {
                push_text(&mut texts, row, col, text);
                continue;
            }
            DataRef::Empty => continue,
            DataRef::Error(error) => {
                return Err(place(format!("holds the error value {error:?}, a number was expected")));
            }
            other => return Err(place(format!("holds {other:?}, a number was expected"))),
        };
        if !value.is_finite() {
            return Err(place(format!("holds {value}, a finite number was expected")));
        }
        grid.set(row as usize, col as usize, value).map_err(place)?;
    }
    let numbers = grid.into_array();
    Ok(Sheet { name, sheets, numbers, texts })
}

fn push_text(texts: &mut Vec<Text>, row: u32, col: u32, text: &str) {
    let text = text.trim();
    if !text.is_empty() {
        texts.push(Text { row, col, text: text.to_owned() });
    }
}

fn not_a_workbook(error: impl std::fmt::Display) -> Error {
    problem(format!("is not a complete Excel workbook: {error}"))
}

fn in_sheet(sheet: &str, error: impl std::fmt::Display) -> Error {
    Error::Read { message: format!("is damaged: {error}"), sheet: Some(sheet.to_owned()), cell: None }
}
