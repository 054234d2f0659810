//! Delimited text: a matrix of numbers with labels at its head and left, or a flat list of cells.
//!
//! One thread reads (and inflates), the others parse whole lines side by side.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use ndarray::Array2;
use rayon::prelude::*;

use super::source::{PART, Source, problem};
use crate::error::Result;

/// A matrix with its labels.
#[derive(Debug)]
pub struct Delimited {
    /// Labels of rows: fields left of the numbers.
    pub labels: Vec<Vec<String>>,
    /// Numbers in groups of columns; NaN where a field is empty, NA or NaN.
    pub blocks: Vec<Array2<f64>>,
}

/// First lines as fields.
pub fn head(source: Source, separator: u8, lines: usize) -> Result<Vec<Vec<String>>> {
    let mut found = Vec::new();
    source.lines(PART, |text| {
        let full = lines_of(text).filter(|line| !line.is_empty());
        for line in full.take(lines - found.len()) {
            found.push(fields(line, separator).map(text_of).collect());
        }
        Ok(found.len() < lines)
    })?;
    Ok(found)
}

/// Numbers below `header` lines and right of `label_columns`, in groups of columns of the given widths.
///
/// `rows` is the number of rows that is expected: room is made for them at once. Holds the arrays and some parts of
/// the text.
pub fn matrix(
    source: Source,
    separator: u8,
    header: usize,
    label_columns: usize,
    widths: &[usize],
    rows: usize,
) -> Result<Delimited> {
    let mut cells: Vec<Vec<f64>> = vec![Vec::new(); widths.len()];
    for (block, width) in cells.iter_mut().zip(widths) {
        // A damaged header may ask for more than there is: then the block grows as rows come.
        let _ = block.try_reserve_exact(rows.saturating_mul(*width));
    }
    let (mut labels, mut line_number) = (Vec::new(), 0);
    source.lines(PART, |text| {
        let mut lines = Vec::new();
        for line in lines_of(text) {
            line_number += 1;
            if line_number > header && !line.is_empty() {
                lines.push((line_number, line));
            }
        }
        let start = labels.len();
        for (block, width) in cells.iter_mut().zip(widths) {
            block.resize((start + lines.len()) * width, f64::NAN);
        }
        let mut targets: Vec<Vec<&mut [f64]>> = lines.iter().map(|_| Vec::with_capacity(widths.len())).collect();
        for (block, width) in cells.iter_mut().zip(widths) {
            let fresh = &mut block[start * width..];
            if *width == 0 {
                targets.iter_mut().for_each(|t| t.push(&mut []));
            } else {
                fresh.chunks_mut(*width).zip(&mut targets).for_each(|(row, target)| target.push(row));
            }
        }
        let parsed: Result<Vec<Vec<String>>> = lines
            .par_iter()
            .zip(targets)
            .map(|((number, line), target)| row(line, *number, separator, label_columns, target))
            .collect();
        labels.append(&mut parsed?);
        Ok(true)
    })?;
    let rows = labels.len();
    let blocks =
        cells.into_iter().zip(widths).map(|(block, width)| match Array2::from_shape_vec((rows, *width), block) {
            Ok(block) => block,
            Err(_) => unreachable!("each line has filled a row of every block"),
        });
    Ok(Delimited { labels, blocks: blocks.collect() })
}

fn row(
    line: &[u8],
    number: usize,
    separator: u8,
    label_columns: usize,
    target: Vec<&mut [f64]>,
) -> Result<Vec<String>> {
    let expected = label_columns + target.iter().map(|t| t.len()).sum::<usize>();
    let mut rest = Some(line);
    let mut labels = Vec::with_capacity(label_columns);
    while labels.len() < label_columns
        && let Some(text) = rest
    {
        let field;
        (field, rest) = first_field(text, separator);
        labels.push(text_of(field));
    }
    let mut count = labels.len();
    for cell in target.into_iter().flatten() {
        let Some(text) = rest else { break };
        count += 1;
        // Most fields are plain numbers, whose end is found by reading them.
        if let Ok((number, length)) = fast_float2::parse_partial::<f64, _>(text)
            && text.get(length).is_none_or(|b| *b == separator)
            && number.is_finite()
        {
            *cell = number;
            rest = text.get(length + 1..);
            continue;
        }
        let field;
        (field, rest) = first_field(text, separator);
        *cell = value(field).ok_or_else(|| {
            problem(format!("line {number}, field {count} holds {:?}, a number was expected", text_of(field)))
        })?;
    }
    let count = count + rest.map_or(0, |text| fields(text, separator).count());
    if count != expected {
        return Err(problem(format!("line {number} has {count} fields, expected {expected}")));
    }
    Ok(labels)
}

/// A number; NaN for an empty field, NA or NaN; `None` for anything else, infinity too.
fn value(field: &[u8]) -> Option<f64> {
    if let Ok(number) = fast_float2::parse::<f64, _>(field)
        && number.is_finite()
    {
        return Some(number);
    }
    let text = unquoted(field).trim_ascii();
    if text.is_empty() || [&b"NA"[..], b"NaN", b"nan"].contains(&text) {
        return Some(f64::NAN);
    }
    let parsed: f64 = fast_float2::parse(text).ok()?;
    parsed.is_finite().then_some(parsed)
}

/// Lines without their breaks; behind the last break there is no line.
fn lines_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

fn unquoted(field: &[u8]) -> &[u8] {
    let field = field.trim_ascii();
    field.strip_prefix(b"\"").and_then(|f| f.strip_suffix(b"\"")).unwrap_or(field).trim_ascii()
}

fn text_of(field: &[u8]) -> String {
    String::from_utf8_lossy(unquoted(field)).trim().replace("\"\"", "\"")
}

/// Fields of a line; separators within quotes don't count.
fn fields(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let field;
        (field, rest) = first_field(rest?, separator);
        Some(field)
    })
}

/// First field of a line, and what follows its separator, if there is one.
fn first_field(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    let end = if text.first() == Some(&b'"') {
        let mut quoted = false;
        text.iter().position(|b| {
            quoted ^= *b == b'"';
            *b == separator && !quoted
        })
    } else {
        memchr::memchr(separator, text)
    };
    match end {
        Some(end) => (&text[..end], Some(&text[end + 1..])),
        None => (text, None),
    }
}

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

    fn texts(&self) -> Vec<Vec<String>> {
        self.order.iter().map(|name| name.split(|b| *b == BETWEEN).map(text_of).collect()).collect()
    }
}

/// Bytes of a flat list that are parsed at a time: names are sorted out anew in each piece of it.
const FLAT_PART: usize = 4 * PART;
/// A matrix of more cells than this (64 GB) isn't one.
const MOST_CELLS: usize = 1 << 33;
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
    source.lines(FLAT_PART, |text| {
        let pieces: Vec<(usize, &[u8])> = pieces(text, &mut line_number);
        let parsed: Result<Vec<Piece>> =
            pieces.into_par_iter().map(|(start, lines)| piece(lines, start, separator, columns)).collect();
        for piece in parsed? {
            let to_row: Vec<u32> = piece.rows.order.iter().map(|name| rows.number(name)).collect();
            let to_col: Vec<u32> = piece.columns.order.iter().map(|name| cols.number(name)).collect();
            if rows.order.len().saturating_mul(cols.order.len()) > MOST_CELLS {
                let size = format!("{} rows and {} columns", rows.order.len(), cols.order.len());
                return Err(problem(format!("names {size}: not a table, or other fields name its cells")));
            }
            cells.resize_with(rows.order.len(), Vec::new);
            for (row, col, value, line) in piece.cells {
                let (row, col) = (to_row[row as usize] as usize, to_col[col as usize] as usize);
                if cells[row].len() <= col {
                    cells[row].resize(cols.order.len(), f64::NAN);
                }
                if !cells[row][col].is_nan() {
                    let name = |names: &Names, k: usize| names.texts()[k].join(" ");
                    let pair = format!("{} to {}", name(&rows, row), name(&cols, col));
                    return Err(problem(format!("line {line} gives {pair} again: one cell has two values")));
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
    Ok(Flat { rows: rows.texts(), columns: cols.texts(), cells: out })
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
    let needed = columns.row.iter().chain(&columns.column).chain([&columns.value]).copied().max().unwrap_or(0);
    let (mut out, mut ends, mut name) = (Piece::default(), Vec::new(), Vec::new());
    for (k, line) in lines_of(lines).enumerate() {
        let number = start + k + 1;
        if line.is_empty() || number == 1 {
            continue;
        }
        field_ends(line, separator, &mut ends);
        let field = |k: usize| &line[if k == 0 { 0 } else { ends[k - 1] + 1 }..ends[k]];
        if ends.len() <= needed {
            return Err(problem(format!("line {number} has {} fields, expected {}", ends.len(), needed + 1)));
        }
        if let Some((at, text)) = &columns.only
            && (*at >= ends.len() || unquoted(field(*at)) != text.as_bytes())
        {
            continue;
        }
        let found = value(field(columns.value)).ok_or_else(|| {
            let text = text_of(field(columns.value));
            problem(format!("line {number} holds {text:?}, a number was expected"))
        })?;
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
    use crate::error::Error;
    use crate::read::source::Place;
    use ndarray::array;

    fn text(content: &str) -> Source {
        Source { place: Place::Bytes(content.as_bytes().to_vec()), member: None }
    }

    #[test]
    fn a_matrix_with_quotes_gaps_and_windows_lines() -> Result<()> {
        let content = "V1,\"A, x\",B,OUT\r\n\"A, x\",1.5, 2e1 ,\"3\"\r\nB,-1,NA,0\r\n";
        assert_eq!(head(text(content), b',', 1)?, vec![vec!["V1", "A, x", "B", "OUT"]]);
        let found = matrix(text(content), b',', 1, 1, &[2, 0, 1], 2)?;
        assert_eq!(found.labels, vec![vec!["A, x"], vec!["B"]]);
        assert_eq!(found.blocks[2], array![[3.0], [0.0]]);
        assert_eq!(found.blocks[0].row(0), array![1.5, 20.0]);
        assert!(found.blocks[0][[1, 1]].is_nan() && found.blocks[1].dim() == (2, 0));
        Ok(())
    }

    #[test]
    fn many_lines_over_many_parts() -> Result<()> {
        let lines: Vec<String> = (0..9000).map(|k| format!("r{k};{k}.5;{}", "7;".repeat(300))).collect();
        let content = format!("head\n{}", lines.join("\n"));
        let found = matrix(text(&content), b';', 1, 1, &[1, 301], 10)?;
        assert_eq!(found.blocks[0].column(0).to_vec(), (0..9000).map(|k| f64::from(k) + 0.5).collect::<Vec<_>>());
        assert_eq!(found.labels[8999], vec!["r8999"]);
        assert!(found.blocks[1].column(300).iter().all(|v| v.is_nan()));
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let said = |content: &str| match matrix(text(content), b',', 1, 1, &[2], 2) {
            Err(Error::Read { message, .. }) => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(said("h,a,b\nx,1,2\ny,1\n"), "line 3 has 2 fields, expected 3");
        assert_eq!(said("h,a,b\nx,1,2,3\n"), "line 2 has 4 fields, expected 3");
        assert_eq!(said("h,a,b\n\nx,1,one\n"), "line 3, field 3 holds \"one\", a number was expected");
        assert_eq!(said("h,a,b\nx,1,inf\n"), "line 2, field 3 holds \"inf\", a number was expected");
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
