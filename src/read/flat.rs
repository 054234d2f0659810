//! A flat list of cells, one line a cell, as a matrix.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use ndarray::Array2;
use rayon::prelude::*;

use super::delimited::{lines_of, text_of, unquoted, value};
use super::limits::check_cells;
use super::source::{PART, Source};
use crate::error::{Error, Result};

/// Which fields of a flat list hold what, counted from 0.
#[derive(Debug, Clone)]
pub struct FlatColumns {
    /// Fields that name the row.
    pub row: Vec<usize>,
    /// Fields that name the column.
    pub column: Vec<usize>,
    /// The number.
    pub value: usize,
    /// Only lines with this text in this field.
    pub only: Option<(usize, String)>,
}

/// A flat list as a matrix.
#[derive(Debug)]
pub struct Flat {
    /// Names of rows, in the order in which they first come.
    pub rows: Vec<Vec<String>>,
    /// Names of columns.
    pub columns: Vec<Vec<String>>,
    /// Numbers; NaN where the list has none.
    pub cells: Array2<f64>,
}

/// Fast for short keys that all come from the file itself.
#[derive(Default)]
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0_u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
    }
}

/// Numbers for names, in the order in which they first come.
#[derive(Default)]
struct Names {
    numbers: HashMap<Vec<u8>, u32, BuildHasherDefault<Fnv>>,
    order: Vec<Vec<u8>>,
    last: u32,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> u32 {
        // Lists go on with the same row, or with the next column.
        for guess in [self.last, self.last + 1] {
            if self.order.get(guess as usize).is_some_and(|n| n == name) {
                self.last = guess;
                return guess;
            }
        }
        if let Some(number) = self.numbers.get(name) {
            self.last = *number;
        } else {
            self.last = self.order.len() as u32;
            self.numbers.insert(name.to_vec(), self.last);
            self.order.push(name.to_vec());
        }
        self.last
    }

    fn texts(&self) -> Result<Vec<Vec<String>>> {
        self.order.iter().map(|name| name.split(|b| *b == BETWEEN).map(text_of).collect()).collect()
    }
}

/// Bytes of a flat list that are parsed at a time: names are sorted out anew in each piece of it.
const FLAT_PART: usize = 4 * PART;
/// Between the parts of a name: a byte that no text holds.
const BETWEEN: u8 = 0x1F;

/// Cells of some lines: names of their own, and the line of each cell.
#[derive(Default)]
struct Piece {
    rows: Names,
    columns: Names,
    cells: Vec<(u32, u32, f64, usize)>,
}

/// A flat list: one line a cell, below one header line.
pub fn flat(source: Source, separator: u8, columns: &FlatColumns) -> Result<Flat> {
    let (mut rows, mut cols) = (Names::default(), Names::default());
    let mut cells: Vec<Vec<f64>> = Vec::new();
    let mut line_number = 0;
    source.lines(FLAT_PART, |text, _| {
        let pieces: Vec<(usize, &[u8])> = pieces(text, &mut line_number);
        let parsed: Result<Vec<Piece>> =
            pieces.into_par_iter().map(|(start, lines)| piece(lines, start, separator, columns)).collect();
        for piece in parsed? {
            let to_row: Vec<u32> = piece.rows.order.iter().map(|name| rows.number(name)).collect();
            let to_col: Vec<u32> = piece.columns.order.iter().map(|name| cols.number(name)).collect();
            check_cells(rows.order.len(), cols.order.len())?;
            cells.resize_with(rows.order.len(), Vec::new);
            for (row, col, value, line) in piece.cells {
                let (row, col) = (to_row[row as usize] as usize, to_col[col as usize] as usize);
                if cells[row].len() <= col {
                    cells[row].resize(cols.order.len(), f64::NAN);
                }
                if !cells[row][col].is_nan() {
                    let pair = format!("{} to {}", rows.texts()?[row].join(" "), cols.texts()?[col].join(" "));
                    return Err(Error::reading(format!("line {line} gives {pair} again: one cell has two values")));
                }
                cells[row][col] = value;
            }
        }
        Ok(true)
    })?;
    let mut out = Array2::from_elem((rows.order.len(), cols.order.len()), f64::NAN);
    for (mut into, row) in out.outer_iter_mut().zip(&cells) {
        into.iter_mut().zip(row).for_each(|(into, value)| *into = *value);
    }
    Ok(Flat { rows: rows.texts()?, columns: cols.texts()?, cells: out })
}

/// Some pieces of whole lines, each with the number of its first line, counted from 0.
fn pieces<'a>(text: &'a [u8], line_number: &mut usize) -> Vec<(usize, &'a [u8])> {
    let size = (text.len() / rayon::current_num_threads()).max(1 << 16);
    let (mut out, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let from = size.min(rest.len());
        let end = memchr::memchr(b'\n', &rest[from..]).map_or(rest.len(), |at| from + at + 1);
        let (lines, after) = rest.split_at(end);
        out.push((*line_number, lines));
        *line_number += lines_of(lines).count();
        rest = after;
    }
    out
}

fn piece(lines: &[u8], start: usize, separator: u8, columns: &FlatColumns) -> Result<Piece> {
    let needed = columns.row.iter().chain(&columns.column).fold(columns.value, |most, at| most.max(*at));
    let (mut out, mut ends, mut name) = (Piece::default(), Vec::new(), Vec::new());
    for (k, line) in lines_of(lines).enumerate() {
        let number = start + k + 1;
        if line.is_empty() || number == 1 {
            continue;
        }
        field_ends(line, separator, &mut ends);
        let field = |k: usize| &line[if k == 0 { 0 } else { ends[k - 1] + 1 }..ends[k]];
        if ends.len() <= needed {
            return Err(Error::reading(format!("line {number} has {} fields, expected {}", ends.len(), needed + 1)));
        }
        if let Some((at, text)) = &columns.only
            && (*at >= ends.len() || unquoted(field(*at)) != text.as_bytes())
        {
            continue;
        }
        let Some(found) = value(field(columns.value)) else {
            let text = text_of(field(columns.value))?;
            return Err(Error::reading(format!("line {number} holds {text:?}, a number was expected")));
        };
        let mut number_of = |places: &[usize], names: &mut Names| {
            name.clear();
            for (k, place) in places.iter().enumerate() {
                if k > 0 {
                    name.push(BETWEEN);
                }
                name.extend_from_slice(unquoted(field(*place)));
            }
            names.number(&name)
        };
        let row = number_of(&columns.row, &mut out.rows);
        let col = number_of(&columns.column, &mut out.columns);
        if !found.is_nan() {
            out.cells.push((row, col, found, number));
        }
    }
    Ok(out)
}

/// Where each field of a line ends. Fields are short here, so bytes are looked at one by one.
fn field_ends(line: &[u8], separator: u8, ends: &mut Vec<usize>) {
    ends.clear();
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate() {
        if *byte == separator && !quoted {
            ends.push(at);
        }
        quoted ^= *byte == b'"';
    }
    ends.push(line.len());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::source::Place;

    fn text(content: &str) -> Source {
        Source { place: Place::Bytes(content.as_bytes().to_vec()), member: None }
    }

    #[test]
    fn a_flat_list_in_any_order() -> Result<()> {
        let columns = FlatColumns { row: vec![0, 1], column: vec![2], value: 3, only: Some((4, "1".to_owned())) };
        let content = "c,s,p,v,y\nA,x,P,1,1\nA,x,P,9,2\n\"B\",x,Q,2.5,1\nA,x,Q,,1\nB,x,P,-3,1\n";
        let found = flat(text(content), b',', &columns)?;
        assert_eq!(found.rows, vec![vec!["A", "x"], vec!["B", "x"]]);
        assert_eq!(found.columns, vec![vec!["P"], vec!["Q"]]);
        assert!(found.cells[[0, 1]].is_nan());
        assert_eq!((found.cells[[0, 0]], found.cells[[1, 0]], found.cells[[1, 1]]), (1.0, -3.0, 2.5));
        let again = format!("{content}A,x,P,5,1\n");
        let Err(Error::Read { message, .. }) = flat(text(&again), b',', &columns) else { panic!("read") };
        assert_eq!(message, "line 7 gives A x to P again: one cell has two values");
        Ok(())
    }
}
