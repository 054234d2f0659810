//! One sheet of a workbook as a dense grid of numbers and lists of what else it holds.
//!
//! The sheet is never held as cell objects: an MRIO workbook has five million of them. The kinds (xlsx, xlsb, xls, ods)
//! are recognised by their contents.

use std::io::{self, Read, Seek};

use calamine::{DataType, Ods, Reader, SheetVisible, Xls, Xlsb, Xlsx};

use super::grid::{Grid, Sheet, Text};
use super::guard::guarded;
use super::limits::Limited;
use super::scan::{DATE, NO_VALUE, scan};
use super::source::{Input, Place, broken};
use crate::error::{Error, Result};
use crate::machine::interrupt;

/// Cells between two looks for Ctrl-C.
const CELLS_PER_CHECK: usize = 1 << 16;

type Book = Box<dyn Input>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Xlsx,
    Xlsb,
    Ods,
    Xls,
}

/// Names of a workbook's sheets, and whether each is shown.
pub fn sheets(place: Place) -> Result<Vec<(String, bool)>> {
    let (kind, book) = opened(place)?;
    guarded(|| match kind {
        Kind::Xlsx => names(&Xlsx::new(book).map_err(not_a_workbook)?),
        Kind::Xlsb => names(&Xlsb::new(book).map_err(not_a_workbook)?),
        Kind::Ods => names(&Ods::new(book).map_err(not_a_workbook)?),
        Kind::Xls => names(&Xls::new(book).map_err(not_a_workbook)?),
    })
}

fn names<R: Read + Seek>(book: &impl Reader<R>) -> Result<Vec<(String, bool)>> {
    let told = book.sheets_metadata().iter();
    Ok(told.map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible)).collect())
}

/// Read one sheet, or about its first `most` rows.
///
/// Plain sheets of xlsx by the fast scanner, all others by calamine: `calamine` alone gives the same.
pub fn read_sheet(place: Place, wanted: &str, most: Option<usize>) -> Result<Sheet> {
    let named = |error| match error {
        Error::Read { message, sheet: None, cell } => Error::Read { message, sheet: Some(wanted.to_owned()), cell },
        other => other,
    };
    let found = match scan(place.clone(), wanted, most) {
        Ok(Some(sheet)) => Ok(sheet),
        Ok(None) => guarded(|| read_by_calamine(place, wanted, most)),
        Err(error) => Err(error),
    };
    found.map_err(named)
}

/// Read one sheet by calamine.
pub fn read_by_calamine(place: Place, wanted: &str, most: Option<usize>) -> Result<Sheet> {
    let (kind, book) = opened(place)?;
    let mut filling = Filling { most, ..Filling::default() };
    match kind {
        Kind::Xlsx => {
            let mut book = Xlsx::new(book).map_err(not_a_workbook)?;
            let mut cells = book.worksheet_cells_reader(wanted).map_err(damaged)?;
            while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(damaged)? {
                if !filling.put(cell.pos, &cell.value, cell.formula.is_some())? {
                    break;
                }
            }
        }
        Kind::Xlsb => {
            let mut book = Xlsb::new(book).map_err(not_a_workbook)?;
            let mut cells = book.worksheet_cells_reader(wanted).map_err(damaged)?;
            while let Some(cell) = cells.next_cell().map_err(damaged)? {
                if !filling.put(cell.get_position(), cell.get_value(), false)? {
                    break;
                }
            }
        }
        Kind::Ods => {
            filling.range(Ods::new(book).map_err(not_a_workbook)?.worksheet_range(wanted).map_err(damaged)?)?
        }
        Kind::Xls => {
            filling.range(Xls::new(book).map_err(not_a_workbook)?.worksheet_range(wanted).map_err(damaged)?)?
        }
    }
    Ok(filling.finished())
}

/// The kind of a workbook, and the workbook at its beginning.
///
/// All members of an archive are read once for their checksums, and for how far they unfold: calamine stops at the last
/// cell and never sees them, and holds some of them whole.
fn opened(place: Place) -> Result<(Kind, Book)> {
    let mut book = place.open()?;
    let mut begin = Vec::new();
    let failed = |e: io::Error| Error::reading(format!("can't be read: {e}"));
    book.by_ref().take(8).read_to_end(&mut begin).map_err(failed)?;
    book.rewind().map_err(failed)?;
    if begin == [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] {
        return Ok((Kind::Xls, book));
    }
    let mut archive = zip::ZipArchive::new(book).map_err(not_a_workbook)?;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(not_a_workbook)?;
        let packed = member.compressed_size();
        let name = member.name().map_err(not_a_workbook)?;
        let cells = name.starts_with("xl/worksheets/") || name == "content.xml";
        let mut member = if cells { Limited::new(member, packed)? } else { Limited::small(member)? };
        let mut buffer = vec![0; 1 << 18];
        while member.read(&mut buffer).map_err(|e| broken(&e))? > 0 {
            interrupt::check()?;
        }
    }
    let has = |name: &str| archive.index_for_name(name).is_some();
    let kind = match () {
        () if has("xl/workbook.bin") => Kind::Xlsb,
        () if has("content.xml") && has("mimetype") => Kind::Ods,
        () => Kind::Xlsx,
    };
    let mut book = archive.into_inner();
    book.rewind().map_err(failed)?;
    Ok((kind, book))
}

/// A sheet whose cells come one after the other.
#[derive(Default)]
struct Filling {
    grid: Grid,
    texts: Vec<Text>,
    odd: Vec<Text>,
    most: Option<usize>,
    seen: usize,
}

impl Filling {
    /// Put a cell in its place; false when enough rows have come.
    fn put(&mut self, (row, col): (u32, u32), value: &impl DataType, computed: bool) -> Result<bool> {
        if self.most.is_some_and(|most| row as usize >= most) {
            return Ok(false);
        }
        self.seen += 1;
        if self.seen.is_multiple_of(CELLS_PER_CHECK) {
            interrupt::check()?;
        }
        let mut odd = |text: String| self.odd.push(Text { row, col, text });
        if value.is_datetime() || value.is_datetime_iso() || value.is_duration_iso() {
            odd(DATE.to_owned());
        } else if let Some(truth) = value.get_bool() {
            odd(if truth { "TRUE" } else { "FALSE" }.to_owned());
        } else if let Some(error) = value.get_error() {
            odd(format!("the error value {error}"));
        } else if let Some(text) = value.get_string() {
            let text = text.trim();
            if !text.is_empty() {
                self.texts.push(Text { row, col, text: text.to_owned() });
            }
        } else if let Some(number) = value.get_float().or_else(|| value.get_int().map(|whole| whole as f64)) {
            if number.is_finite() {
                self.grid.set(row as usize, col as usize, number)?;
            } else {
                odd(format!("{number}"));
            }
        } else if computed {
            odd(NO_VALUE.to_owned());
        }
        Ok(true)
    }

    fn range(&mut self, cells: calamine::Range<calamine::Data>) -> Result<()> {
        let Some((top, left)) = cells.start() else { return Ok(()) };
        for (row, col, value) in cells.used_cells() {
            if !self.put((top + row as u32, left + col as u32), value, false)? {
                break;
            }
        }
        Ok(())
    }

    fn finished(self) -> Sheet {
        Sheet { numbers: self.grid.into_array(), texts: self.texts, odd: self.odd }
    }
}

fn not_a_workbook(error: impl std::fmt::Display) -> Error {
    Error::reading(format!("is not a complete Excel workbook: {error}"))
}

fn damaged(error: impl std::fmt::Display) -> Error {
    Error::reading(format!("is damaged: {error}"))
}
