//! A fast scanner for the sheets of an xlsx workbook.
//!
//! Of calamine's time on an MRIO workbook most goes into general XML. Here one thread inflates and another looks for
//! cells only. Whatever is not a usual cell (rich texts, prefixes, damaged XML) makes the scanner give up with `None`,
//! and calamine's reader decides what it is.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::grid::{Grid, Sheet, Text};
use super::limits::{Limited, unfolds};
use super::source::{Input, Place, broken};
use super::styles::dates;
use super::xml::tags;
use crate::error::{Error, Result};
use crate::machine::interrupt;

/// Bytes of XML that travel from the inflating thread at a time, and how many such parts may wait.
const PART: usize = 1 << 21;
const WAITING: usize = 4;
/// A cell longer than this is not a usual one.
const LONGEST_CELL: usize = 1 << 16;
/// What a cell holds whose formula was never computed.
pub(super) const NO_VALUE: &str = "a formula without a stored value (open the file in Excel and save it)";
/// What a number is that its format shows as one.
pub(super) const DATE: &str = "a date or time";

type Archive = ZipArchive<Box<dyn Input>>;

/// Read one sheet, or its first rows; `None` if it is not plain.
pub fn scan(place: Place, wanted: &str, most: Option<usize>) -> Result<Option<Sheet>> {
    let Ok(mut archive) = ZipArchive::new(place.open()?) else { return Ok(None) };
    let Some(members) = sheet_members(&mut archive)? else { return Ok(None) };
    let Some((_, member)) = members.into_iter().find(|(name, _)| name == wanted) else { return Ok(None) };
    let Some(shared) = shared_texts(&mut archive)? else { return Ok(None) };
    let Some(dates) = text_of(&mut archive, "xl/styles.xml")?.map_or(Some(Vec::new()), |xml| dates(&xml)) else {
        return Ok(None);
    };

    let (sender, receiver) = sync_channel(WAITING);
    let inflating = thread::spawn(move || -> io::Result<()> {
        let member = archive.by_name(&member).map_err(io::Error::other)?;
        let packed = member.compressed_size();
        let mut file = Limited::new(member, packed).map_err(io::Error::other)?;
        loop {
            let mut part = Vec::with_capacity(PART);
            file.by_ref().take(PART as u64).read_to_end(&mut part)?;
            if part.is_empty() || sender.send(part).is_err() {
                return Ok(());
            }
        }
    });
    let mut cells = Cells { shared: &shared, dates: &dates, most, ..Cells::default() };
    let found = collect(&receiver, &mut cells);
    if matches!(found, Ok(true)) && most.is_none() {
        // To the end, so that the archive's checksum is seen.
        receiver.iter().for_each(drop);
    }
    drop(receiver);
    let ended = inflating.join();
    if !found? {
        return Ok(None);
    }
    match ended {
        Ok(Ok(())) => Ok(Some(Sheet { numbers: cells.grid.into_array(), texts: cells.texts, odd: cells.odd })),
        Ok(Err(error)) if unfolds(&error) => Err(broken(&error)),
        // Damage: calamine says what it is.
        _ => Ok(None),
    }
}

/// Take the cells of all parts; false when one is not plain, or the sheet doesn't end as it should.
fn collect(parts: &Receiver<Vec<u8>>, cells: &mut Cells<'_>) -> Result<bool> {
    let mut rest: Vec<u8> = Vec::new();
    for part in parts {
        interrupt::check()?;
        let joined = if rest.is_empty() {
            part
        } else {
            rest.extend_from_slice(&part);
            std::mem::take(&mut rest)
        };
        match cells.scan(&joined)? {
            Step::End => return Ok(true),
            Step::Unusual => return Ok(false),
            Step::More(from) => {
                if joined.len() - from > LONGEST_CELL {
                    return Ok(false);
                }
                rest = joined[from..].to_vec();
            }
        }
    }
    Ok(false)
}

enum Step {
    /// The sheet's data are complete.
    End,
    /// Not a usual cell.
    Unusual,
    /// Go on with the next part, from this place.
    More(usize),
}

/// What is in a cell.
enum Content<'a> {
    Nothing,
    Number(f64),
    Text(std::borrow::Cow<'a, str>),
    Odd(&'static str),
    Named(String),
}

#[derive(Default)]
struct Cells<'a> {
    grid: Grid,
    texts: Vec<Text>,
    odd: Vec<Text>,
    shared: &'a [String],
    dates: &'a [bool],
    most: Option<usize>,
}

impl Cells<'_> {
    /// All complete cells of `xml`.
    fn scan(&mut self, xml: &[u8]) -> Result<Step> {
        let mut at = 0;
        loop {
            let Some(start) = find(xml, at, b'<') else { return Ok(Step::More(xml.len())) };
            let Some(stop) = find(xml, start, b'>') else { return Ok(Step::More(start)) };
            let tag = &xml[start + 1..stop];
            if tag.starts_with(b"/sheetData") || tag == b"sheetData/" {
                return Ok(Step::End);
            }
            if tag.starts_with(b"!") || tag.contains(&b':') && tag.starts_with(b"c") {
                return Ok(Step::Unusual);
            }
            if !(tag == b"c" || tag.starts_with(b"c ")) || tag.ends_with(b"/") {
                at = stop + 1;
                continue;
            }
            let Some(length) = memchr::memmem::find(&xml[stop + 1..], b"</c>") else { return Ok(Step::More(start)) };
            let body = &xml[stop + 1..stop + 1 + length];
            let place = attribute(tag, b" r=\"").and_then(position);
            let Some((row, col)) = place else { return Ok(Step::Unusual) };
            if self.most.is_some_and(|most| row >= most) {
                return Ok(Step::End);
            }
            let Some(content) = self.content(tag, body) else { return Ok(Step::Unusual) };
            match content {
                Content::Nothing => {}
                Content::Number(value) => self.grid.set(row, col, value)?,
                Content::Text(text) => {
                    let text = text.trim();
                    if !text.is_empty() {
                        self.texts.push(Text { row: row as u32, col: col as u32, text: text.to_owned() });
                    }
                }
                Content::Odd(what) => self.odd.push(Text { row: row as u32, col: col as u32, text: what.to_owned() }),
                Content::Named(text) => self.odd.push(Text { row: row as u32, col: col as u32, text }),
            }
            at = stop + 1 + length + b"</c>".len();
        }
    }

    /// What a cell holds, by its tag and what is inside; `None` if it is not a usual one.
    fn content<'b>(&'b self, tag: &[u8], body: &'b [u8]) -> Option<Content<'b>> {
        let kind = attribute(tag, b" t=\"");
        let (computed, body) = without_formula(body)?;
        if body.starts_with(b"<is>") {
            return (kind == Some(b"inlineStr") && !computed).then(|| inline(body))?;
        }
        let value = match body {
            b"" | b"<v/>" | b"<v></v>" => {
                let empty = !computed || kind == Some(b"str");
                return Some(if empty { Content::Nothing } else { Content::Odd(NO_VALUE) });
            }
            _ => body.strip_prefix(b"<v>")?.strip_suffix(b"</v>")?,
        };
        match kind {
            None | Some(b"n") => {
                let number: f64 = fast_float2::parse(value).ok().filter(|v: &f64| v.is_finite())?;
                Some(if self.is_date(tag) { Content::Odd(DATE) } else { Content::Number(number) })
            }
            Some(b"s") => {
                let index: usize = std::str::from_utf8(value).ok()?.parse().ok()?;
                Some(Content::Text(self.shared.get(index)?.as_str().into()))
            }
            Some(b"str") => unescaped(value).map(Content::Text),
            Some(b"b") => Some(Content::Odd(if value == b"1" { "TRUE" } else { "FALSE" })),
            Some(b"e") => unescaped(value).map(|said| Content::Named(format!("the error value {said}"))),
            Some(b"d") => Some(Content::Odd(DATE)),
            Some(_) => None,
        }
    }

    fn is_date(&self, tag: &[u8]) -> bool {
        if !self.dates.contains(&true) {
            return false;
        }
        let style = attribute(tag, b" s=\"").and_then(|s| std::str::from_utf8(s).ok()?.parse::<usize>().ok());
        style.is_some_and(|style| self.dates.get(style) == Some(&true))
    }
}

/// Whether a cell is computed, and what is in it beside the formula.
fn without_formula(body: &[u8]) -> Option<(bool, &[u8])> {
    if !body.starts_with(b"<f") {
        return Some((false, body));
    }
    let end = find(body, 0, b'>')?;
    if body[..end].ends_with(b"/") {
        return Some((true, &body[end + 1..]));
    }
    let close = memchr::memmem::find(body, b"</f>")?;
    Some((true, &body[close + b"</f>".len()..]))
}

/// A text in its cell: `<is><t>text</t></is>`.
fn inline(body: &[u8]) -> Option<Content<'_>> {
    let inner = body.strip_prefix(b"<is><t")?.strip_suffix(b"</t></is>")?;
    let begin = find(inner, 0, b'>')?;
    let plain = inner[..begin].is_empty() || inner[..begin] == *br#" xml:space="preserve""#;
    (plain && !inner[begin + 1..].contains(&b'<')).then(|| unescaped(&inner[begin + 1..]).map(Content::Text))?
}

fn unescaped(value: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    quick_xml::escape::unescape(std::str::from_utf8(value).ok()?).ok()
}

fn find(xml: &[u8], from: usize, byte: u8) -> Option<usize> {
    xml.get(from..)?.iter().position(|b| *b == byte).map(|i| from + i)
}

/// Value of an attribute, given with its blank and quote: ` r="`.
fn attribute<'a>(tag: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let start = tag.windows(name.len()).position(|w| w == name)? + name.len();
    let end = find(tag, start, b'"')?;
    Some(&tag[start..end])
}

/// `E8` as row 7, column 4.
fn position(reference: &[u8]) -> Option<(usize, usize)> {
    let letters = reference.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let (name, number) = reference.split_at(letters);
    if name.is_empty() || name.len() > 3 || number.is_empty() || number.len() > 7 {
        return None;
    }
    let col = name.iter().fold(0, |sum, b| sum * 26 + usize::from(b - b'A') + 1);
    let row: usize = std::str::from_utf8(number).ok()?.parse().ok()?;
    Some((row.checked_sub(1)?, col - 1))
}

/// Names of the sheets and the members of the archive that hold them.
fn sheet_members(archive: &mut Archive) -> Result<Option<Vec<(String, String)>>> {
    let parts = [text_of(archive, "xl/_rels/workbook.xml.rels")?, text_of(archive, "xl/workbook.xml")?];
    let [Some(relations), Some(book)] = parts else { return Ok(None) };
    Ok(named_members(&relations, &book))
}

fn named_members(relations: &str, book: &str) -> Option<Vec<(String, String)>> {
    let mut targets = HashMap::new();
    for tag in tags(relations, "Relationship")? {
        targets.insert(tag.get("Id")?.clone(), tag.get("Target")?.clone());
    }
    tags(book, "sheet")?
        .into_iter()
        .map(|tag| {
            let target = targets.get(tag.get("r:id")?)?;
            let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            Some((tag.get("name")?.clone(), path))
        })
        .collect()
}

/// A member as text; `None` where there is none, or it is damaged.
fn text_of(archive: &mut Archive, name: &str) -> Result<Option<String>> {
    let Ok(member) = archive.by_name(name) else { return Ok(None) };
    let mut text = String::new();
    match Limited::small(member)?.read_to_string(&mut text) {
        Ok(_) => Ok(Some(text)),
        Err(error) if unfolds(&error) => Err(Error::reading(format!("is damaged: {name} {error}"))),
        Err(_) => Ok(None),
    }
}

/// Shared texts, trimmed; `None` if one is more than plain text (rich text, phonetic runs).
fn shared_texts(archive: &mut Archive) -> Result<Option<Vec<String>>> {
    const NAME: &str = "xl/sharedStrings.xml";
    if archive.index_for_name(NAME).is_none() {
        return Ok(Some(Vec::new()));
    }
    Ok(text_of(archive, NAME)?.and_then(|xml| texts_of(&xml)))
}

fn texts_of(xml: &str) -> Option<Vec<String>> {
    let mut reader = Reader::from_str(xml);
    let (mut texts, mut text, mut inside) = (Vec::new(), String::new(), false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => match tag.name().as_ref() {
                "si" => text.clear(),
                "t" => inside = true,
                "sst" => {}
                _ => return None,
            },
            Event::Empty(tag) => match tag.name().as_ref() {
                "t" | "sst" => {}
                "si" => texts.push(String::new()),
                _ => return None,
            },
            Event::Text(part) if inside => text.push_str(&part),
            Event::GeneralRef(part) if inside => match part.resolve_char_ref().ok()? {
                Some(c) => text.push(c),
                None => text.push_str(quick_xml::escape::resolve_predefined_entity(&part)?),
            },
            Event::End(tag) => match tag.name().as_ref() {
                "t" => inside = false,
                "si" => texts.push(text.trim().to_owned()),
                _ => {}
            },
            Event::Eof => return Some(texts),
            Event::CData(_) => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(parts: &[&str]) -> Option<(Vec<f64>, Vec<String>, Vec<String>)> {
        let (sender, receiver) = sync_channel(parts.len());
        for part in parts {
            let _ = sender.send(part.as_bytes().to_vec());
        }
        drop(sender);
        let shared = ["", "CHN"].map(str::to_owned);
        let mut cells = Cells { shared: &shared, dates: &[false, false, true], ..Cells::default() };
        if !collect(&receiver, &mut cells).ok()? {
            return None;
        }
        let said = |texts: Vec<Text>| texts.into_iter().map(|t| format!("{} {} {}", t.row, t.col, t.text)).collect();
        let numbers = cells.grid.into_array().iter().copied().filter(|v| !v.is_nan()).collect();
        Some((numbers, said(cells.texts), said(cells.odd)))
    }

    const PLAIN: &str = r#"<sheetData><row r="1"><c r="A1" s="3"><v>1.5</v></c><c r="B1" s="1"/><c r="C1" t="s"><v>1</v></c><c r="D1"></c><c r="E1" t="inlineStr"><is><t xml:space="preserve"> A &amp; B </t></is></c></row><row><c r="A2" t="n"><v>-2e3</v></c><c r="B2" t="s"><v>0</v></c></row></sheetData><x>"#;

    #[test]
    fn plain_cells_cut_anywhere() {
        let expected =
            Some((vec![1.5, -2000.0], vec!["0 2 CHN".to_owned(), "0 4 A & B".to_owned()], Vec::<String>::new()));
        assert_eq!(cells(&[PLAIN]), expected);
        for cut in 1..PLAIN.len() - 3 {
            assert_eq!(cells(&[&PLAIN[..cut], &PLAIN[cut..]]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn whatever_is_not_plain_is_left_to_calamine() {
        for cell in [
            r#"<c r="A1" t="inlineStr"><is><r><t>x</t></r></is></c>"#,
            r#"<c r="A1" t="inlineStr"><is><t>&nope;</t></is></c>"#,
            r#"<c r="A1"><v>one</v></c>"#,
            r#"<c r="A1"><v>1e999</v></c>"#,
            r#"<c><v>1</v></c>"#,
            r#"<c r="1A"><v>1</v></c>"#,
            r#"<c r="A1" t="s"><v>7</v></c>"#,
            r#"<!-- --><c r="A1"><v>1</v></c>"#,
            r#"<c r="A1" t="z"><v>1</v></c>"#,
        ] {
            assert_eq!(cells(&[&format!("<sheetData>{cell}</sheetData>")]), None, "{cell}");
        }
        assert_eq!(cells(&[r#"<sheetData><row><c r="A1"><v>1</v></c>"#]), None, "no end");
    }

    #[test]
    fn what_is_neither_a_number_nor_text_is_said() {
        for (cell, says) in [
            (r#"<c r="A1" t="e"><v>#DIV/0!</v></c>"#, "0 0 the error value #DIV/0!"),
            (r#"<c r="A1" t="b"><v>1</v></c>"#, "0 0 TRUE"),
            (r#"<c r="A1" s="2"><v>40179</v></c>"#, "0 0 a date or time"),
            (r#"<c r="A1" t="d"><v>2010-01-01</v></c>"#, "0 0 a date or time"),
            (r#"<c r="A1"><f>1+1</f></c>"#, &format!("0 0 {NO_VALUE}")),
            (r#"<c r="A1"><f t="shared" si="0"/><v></v></c>"#, &format!("0 0 {NO_VALUE}")),
        ] {
            let found = cells(&[&format!("<sheetData>{cell}</sheetData>")]);
            assert_eq!(found, Some((vec![], vec![], vec![says.to_owned()])), "{cell}");
        }
        let computed =
            r#"<sheetData><c r="A1" s="1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>A1</f><v>x</v></c></sheetData>"#;
        assert_eq!(cells(&[computed]), Some((vec![2.0], vec!["0 1 x".to_owned()], vec![])));
    }

    #[test]
    fn positions() {
        assert_eq!(position(b"A1"), Some((0, 0)));
        assert_eq!(position(b"AAA10"), Some((9, 702)));
        for bad in [&b"A0"[..], b"1", b"A", b"a1", b"AAAA1", b"A12345678", b"A1B"] {
            assert_eq!(position(bad), None);
        }
    }
}
