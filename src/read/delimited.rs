//! Delimited text as a sheet: numbers where a field is one, and the texts, each by line and field.
//!
//! One thread reads (and inflates), the others parse whole lines side by side.

use std::sync::atomic::{AtomicU8, Ordering};

use rayon::prelude::*;

use super::grid::{Sheet, Text, dense, widened};
use super::limits::check_cells;
use super::source::{PART, Source};
use crate::error::{Error, Result};

/// Lines and fields at the edge of a table, whose numbers are kept as text too: a label may be `01`.
const HEAD: usize = 24;
const LEFT: usize = 8;
/// White space that no `trim` of bytes takes off: a byte-order mark, and a blank that doesn't break.
const BLANKS: [char; 2] = ['\u{feff}', '\u{a0}'];

/// How fields and numbers are written.
#[derive(Debug, Clone)]
pub struct Style {
    /// Between fields.
    pub separator: u8,
    /// Before the decimals: `.` or `,`.
    pub decimal: char,
    /// Between thousands, if anything.
    pub thousands: Option<char>,
}

/// A text as a sheet.
#[derive(Debug)]
pub struct Delimited {
    /// Numbers and texts; a row is a line, blank ones too.
    pub sheet: Sheet,
    /// What the points of its numbers may be.
    pub points: Points,
    /// How many fields each line has.
    pub fields: Vec<u32>,
}

/// What points in plain numbers may be, all numbers together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Points {
    /// No number has one.
    None,
    /// Each could as well stand between thousands, as in `1.234`.
    Either,
    /// They stand before decimals.
    Decimals,
}

/// First lines as fields, blank ones too.
pub fn head(source: Source, separator: u8, lines: usize) -> Result<Vec<Vec<String>>> {
    let mut found = Vec::new();
    source.lines(PART, |text, _| {
        for line in lines_of(text).take(lines - found.len()) {
            found.push(fields(line, separator).map(text_of).collect::<Result<_>>()?);
        }
        Ok(found.len() < lines)
    })?;
    Ok(found)
}

/// The whole text, or its first lines.
pub fn sheet(source: Source, style: &Style, most: Option<usize>) -> Result<Delimited> {
    let mut table = Table::default();
    let points = AtomicU8::new(0);
    source.lines(PART, |text, whole| {
        let mut lines: Vec<&[u8]> = lines_of(text).collect();
        lines.truncate(most.map_or(lines.len(), |most| most - table.rows));
        table.add(&lines, style, whole.map(|whole| whole as f64 / text.len() as f64), &points)?;
        Ok(most.is_none_or(|most| table.rows < most))
    })?;
    let points = match points.into_inner() {
        0 => Points::None,
        POINTED => Points::Either,
        UNMARKED => Points::None,
        _ => Points::Decimals,
    };
    let fields = std::mem::take(&mut table.fields);
    Ok(Delimited { sheet: table.finished(), points, fields })
}

#[derive(Default)]
struct Table {
    cells: Vec<f64>,
    rows: usize,
    width: usize,
    texts: Vec<Text>,
    fields: Vec<u32>,
}

impl Table {
    /// Lines below those that are there; `times` is how many times as long the whole text is.
    fn add(&mut self, lines: &[&[u8]], style: &Style, times: Option<f64>, points: &AtomicU8) -> Result<()> {
        let counts: Vec<u32> = lines.par_iter().map(|line| count(line, style.separator) as u32).collect();
        let Some(widest) = counts.iter().max().map(|widest| *widest as usize) else { return Ok(()) };
        self.fields.extend(counts);
        check_cells(self.rows + lines.len(), widest.max(self.width))?;
        if widest > self.width {
            self.widen(widest);
        }
        let width = self.width;
        if self.rows == 0
            && let Some(times) = times
        {
            // Room for all rows at once; a wrong guess, or none, costs a copy later.
            let _ = self.cells.try_reserve_exact(((lines.len() as f64 * times * 1.02) as usize + 16) * width);
        }
        let start = self.rows;
        self.rows += lines.len();
        self.cells.resize(self.rows * width, f64::NAN);
        if width == 0 {
            return Ok(());
        }
        let found: Result<Vec<Vec<Text>>> = lines
            .par_iter()
            .zip(self.cells[start * width..].par_chunks_mut(width))
            .enumerate()
            .map(|(k, (line, target))| row(line, start + k, style, target, points))
            .collect();
        self.texts.extend(found?.into_iter().flatten());
        Ok(())
    }

    fn widen(&mut self, width: usize) {
        self.cells = widened(&self.cells, self.rows, self.width, width);
        self.width = width;
    }

    fn finished(self) -> Sheet {
        Sheet { numbers: dense(self.cells, self.rows, self.width), texts: self.texts, odd: Vec::new() }
    }
}

/// Numbers of a line into `target`; its texts come back.
fn row(line: &[u8], number: usize, style: &Style, target: &mut [f64], points: &AtomicU8) -> Result<Vec<Text>> {
    let (mut texts, mut rest) = (Vec::new(), Some(line));
    let plain = style.decimal == '.' && style.thousands.is_none();
    for (col, cell) in target.iter_mut().enumerate() {
        let Some(text) = rest else { break };
        let edge = number < HEAD || col < LEFT;
        // Most fields are plain numbers, whose end is found by reading them.
        if !edge
            && plain
            && let Ok((value, length)) = fast_float2::parse_partial::<f64, _>(text)
            && text.get(length).is_none_or(|b| *b == style.separator)
            && value.is_finite()
        {
            *cell = value;
            rest = text.get(length + 1..);
            watch(&text[..length], true, points);
            continue;
        }
        let field;
        (field, rest) = first_field(text, style.separator);
        let value = if plain { number_of(field) } else { styled(field, style) };
        if let Some(value) = value {
            *cell = value;
        }
        if value.is_none() || edge {
            let text = text_of(field).map_err(|_| not_utf8(number))?;
            if text.starts_with('"') && (text.len() == 1 || !text.ends_with('"')) {
                let line = number + 1;
                return Err(Error::reading(format!(
                    "line {line}: the quotes of field {} don't end with the line",
                    col + 1
                )));
            }
            if !text.is_empty() {
                texts.push(Text { row: number as u32, col: col as u32, text });
            }
        }
        if plain && value.is_some() {
            // At the edge stand labels too, such as the year 2017.
            watch(unquoted(field), number > 1 && col > 1, points);
        }
    }
    Ok(texts)
}

/// What has been seen among plain numbers: a point that fits between thousands, one that doesn't, four digits without.
const POINTED: u8 = 1;
const DECIMALS: u8 = 2;
const UNMARKED: u8 = 4;

/// Look what a point can be, until one has come that can only stand before decimals.
fn watch(number: &[u8], whole_counts: bool, points: &AtomicU8) {
    if points.load(Ordering::Relaxed) & DECIMALS != 0 {
        return;
    }
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    let pointed = digits.contains(&b'.');
    let mut parts = digits.split(|b| *b == b'.');
    let first = parts.next().is_some_and(|d| (1..=3).contains(&d.len()) && d.iter().all(u8::is_ascii_digit));
    let groups =
        first && digits.first() != Some(&b'0') && parts.all(|d| d.len() == 3 && d.iter().all(u8::is_ascii_digit));
    let seen = match (pointed, groups) {
        (true, true) => POINTED,
        (true, false) => DECIMALS,
        (false, _) if whole_counts && digits.len() > 3 => UNMARKED,
        (false, _) => return,
    };
    points.fetch_or(seen, Ordering::Relaxed);
}

/// A finite number with a decimal point, in quotes or not; `None` for anything else.
fn number_of(field: &[u8]) -> Option<f64> {
    let parsed: f64 = fast_float2::parse(unquoted(field)).ok()?;
    parsed.is_finite().then_some(parsed)
}

/// A number as the style writes it; marks stand between groups of three digits, or nowhere.
fn styled(field: &[u8], style: &Style) -> Option<f64> {
    let text = std::str::from_utf8(unquoted(field)).ok()?;
    let (whole, decimals) = text.split_once(style.decimal).unwrap_or((text, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b"eE+-".contains(&b));
    let whole = match style.thousands {
        Some(mark) if whole.contains(mark) => {
            let mut groups = whole.trim_start_matches(['-', '+']).split(mark);
            let first = groups.next()?;
            let grouped = (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3);
            let joined: String = whole.chars().filter(|c| *c != mark).collect();
            (grouped && joined.trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit())).then_some(joined)?
        }
        _ => whole.to_owned(),
    };
    let parsed: f64 = (plain(&whole) && plain(decimals)).then(|| format!("{whole}.{decimals}"))?.parse().ok()?;
    parsed.is_finite().then_some(parsed)
}

/// A number; NaN for an empty field, NA or NaN; `None` for anything else, infinity too.
pub(super) fn value(field: &[u8]) -> Option<f64> {
    number_of(field).or_else(|| {
        let text = unquoted(field);
        (text.is_empty() || [&b"NA"[..], b"NaN", b"nan"].contains(&text)).then_some(f64::NAN)
    })
}

/// Lines without their breaks; behind the last break there is no line.
pub(super) fn lines_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let line;
        (line, rest) = match memchr::memchr(b'\n', rest) {
            Some(end) => (&rest[..end], &rest[end + 1..]),
            None => (rest, &rest[rest.len()..]),
        };
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

pub(super) fn unquoted(field: &[u8]) -> &[u8] {
    let field = field.trim_ascii();
    field.strip_prefix(b"\"").and_then(|f| f.strip_suffix(b"\"")).unwrap_or(field).trim_ascii()
}

pub(super) fn text_of(field: &[u8]) -> Result<String> {
    let text = std::str::from_utf8(unquoted(field)).map_err(|_| Error::reading("is not UTF-8 text".to_owned()))?;
    let trimmed = text.trim().trim_matches(BLANKS).trim();
    Ok(if trimmed.contains("\"\"") { trimmed.replace("\"\"", "\"") } else { trimmed.to_owned() })
}

fn not_utf8(row: usize) -> crate::error::Error {
    Error::reading(format!("is not UTF-8 text: line {} holds other bytes", row + 1))
}

/// How many fields a line has.
fn count(line: &[u8], separator: u8) -> usize {
    if memchr::memchr(b'"', line).is_none() {
        return memchr::memchr_iter(separator, line).count() + usize::from(!line.is_empty());
    }
    fields(line, separator).count()
}

/// Fields of a line; separators within quotes don't count.
fn fields(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = (!line.is_empty()).then_some(line);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::source::Place;

    const PLAIN: Style = Style { separator: b',', decimal: '.', thousands: None };

    fn text(content: &str) -> Source {
        Source { place: Place::Bytes(content.as_bytes().to_vec()), member: None }
    }

    fn said(sheet: &Sheet) -> Vec<String> {
        sheet.texts.iter().map(|t| format!("{} {} {}", t.row, t.col, t.text)).collect()
    }

    #[test]
    fn numbers_and_texts_by_line_and_field() -> Result<()> {
        let content = "V1,\"A, x\",B\r\n\r\n\"A, x\",1.5, 2e1 ,\"3\"\r\nB,-1,NA\r\n";
        assert_eq!(head(text(content), b',', 2)?, vec![vec!["V1", "A, x", "B"], vec![]]);
        let found = sheet(text(content), &PLAIN, None)?.sheet;
        assert_eq!(found.numbers.dim(), (4, 4));
        assert_eq!(found.numbers.row(2).to_vec()[1..], [1.5, 20.0, 3.0]);
        assert!(found.numbers[[3, 2]].is_nan() && found.numbers.row(1).iter().all(|v| v.is_nan()));
        let texts =
            ["0 0 V1", "0 1 A, x", "0 2 B", "2 0 A, x", "2 1 1.5", "2 2 2e1", "2 3 3", "3 0 B", "3 1 -1", "3 2 NA"];
        assert_eq!(said(&found), texts);
        assert_eq!(sheet(text(content), &PLAIN, Some(1))?.sheet.numbers.dim(), (1, 3));
        Ok(())
    }

    #[test]
    fn many_lines_over_many_parts() -> Result<()> {
        let lines: Vec<String> = (0..9000).map(|k| format!("r{k};{k}.5;{}", "7;".repeat(300))).collect();
        let style = Style { separator: b';', ..PLAIN };
        let found = sheet(text(&format!("head\n{}", lines.join("\n"))), &style, None)?;
        assert_eq!(found.sheet.numbers.dim(), (9001, 303));
        let expected: Vec<f64> = (0..9000).map(|k| f64::from(k) + 0.5).collect();
        assert_eq!(found.sheet.numbers.column(1).to_vec()[1..], expected);
        assert!(found.sheet.numbers.column(302).iter().all(|v| v.is_nan()) && found.points == Points::Decimals);
        Ok(())
    }

    #[test]
    fn styles_of_numbers() {
        let style = |decimal, thousands| Style { separator: b';', decimal, thousands };
        for (field, style, value) in [
            ("1.234,5", style(',', Some('.')), Some(1234.5)),
            ("\"-12 345\"", style('.', Some(' ')), Some(-12345.0)),
            ("33638,37", style(',', None), Some(33638.37)),
            ("12.34,5", style(',', Some('.')), None),
            ("1.5", style(',', None), None),
            ("1,2,3", style(',', None), None),
            ("12%", style(',', None), None),
            ("inf", style(',', None), None),
        ] {
            assert_eq!(styled(field.as_bytes(), &style), value, "{field}");
        }
    }

    #[test]
    fn points_that_may_stand_between_thousands() -> Result<()> {
        let style = Style { separator: b';', ..PLAIN };
        let points = |content: &str| sheet(text(content), &style, None).map(|found| found.points);
        assert_eq!(points("a;1.234;12\nb;123.456;1.234\n")?, Points::Either);
        assert_eq!(points("a;12;2017\n")?, Points::None);
        for decimal in ["a;1.234;12.5\n", "a;1234.5;1.234\n", "a;0.123;1.234\n", "a;-1.5e5;1.234\n"] {
            assert_eq!(points(decimal)?, Points::Decimals, "{decimal}");
        }
        let long = format!("{}1234;1.234\n", "x;\n".repeat(30) + &"x;".repeat(9));
        assert_eq!(points(&long)?, Points::Decimals);
        Ok(())
    }

    #[test]
    fn what_is_no_text_is_said() {
        let Err(Error::Read { message, .. }) = sheet(text("a,b\n\"x\n,1\n"), &PLAIN, None) else { panic!("read") };
        assert_eq!(message, "line 2: the quotes of field 1 don't end with the line");
        let bytes = Source { place: Place::Bytes(b"a,b\n\xD6\xD0,1\n".to_vec()), member: None };
        let Err(Error::Read { message, .. }) = sheet(bytes, &PLAIN, None) else { panic!("read") };
        assert_eq!(message, "is not UTF-8 text: line 2 holds other bytes");
    }
}
