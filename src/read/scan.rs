//! A fast scanner for plain sheets of an xlsx workbook: numbers and shared texts, nothing else.
//!
//! Of calamine's time on an MRIO workbook most goes into general XML. Here one thread inflates and another looks for
//! cells only. Whatever is not a plain cell (formulas, rich texts, errors, damaged XML) makes the scanner
//! give up with `None`, and calamine's reader decides what it is.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::grid::{Grid, Sheet, Text, choose};
use super::source::{Place, Source};
use crate::error::Result;
use crate::machine::interrupt;

/// Bytes of XML that travel from the inflating thread at a time.
const PART: usize = 1 << 21;
/// A cell longer than this is not a plain one.
const LONGEST_CELL: usize = 1 << 16;

type Archive = ZipArchive<BufReader<File>>;

/// Read one sheet, or `None` if it is not plain.
pub fn scan(path: &Path, wanted: Option<&str>) -> Result<Option<Sheet>> {
    let Some(mut archive) = File::open(path).ok().and_then(|f| ZipArchive::new(BufReader::new(f)).ok()) else {
        return Ok(None);
    };
    let Some(members) = sheet_members(&mut archive) else { return Ok(None) };
    let names = members.iter().map(|(name, _)| name.clone()).collect();
    let (name, sheets) = choose(names, wanted)?;
    let Some((_, member)) = members.into_iter().find(|(n, _)| *n == name) else { return Ok(None) };
    let Some(shared) = shared_texts(&mut archive) else { return Ok(None) };

    let stream = Source { place: Place::File(path.to_owned()), member: Some(member) }.stream(PART);
    let found = collect(stream.parts.iter(), &shared)?;
    // To the end, so that the archive's checksum is seen.
    let complete = stream.parts.iter().all(|part| part.is_ok()) && stream.ended().is_ok();
    let Some((grid, texts)) = found.filter(|_| complete) else { return Ok(None) };
    Ok(Some(Sheet { name, sheets, numbers: grid.into_array(), texts }))
}

/// Cells of all parts, or `None` when one is damaged or not plain, or the sheet doesn't end as it should.
fn collect(parts: impl Iterator<Item = Result<Vec<u8>>>, shared: &[String]) -> Result<Option<(Grid, Vec<Text>)>> {
    let mut cells = Cells { grid: Grid::default(), texts: Vec::new(), shared };
    let mut rest: Vec<u8> = Vec::new();
    for part in parts {
        interrupt::check()?;
        let Ok(part) = part else { return Ok(None) };
        let joined = if rest.is_empty() {
            part
        } else {
            rest.extend_from_slice(&part);
            std::mem::take(&mut rest)
        };
        match cells.scan(&joined) {
            Step::End => return Ok(Some((cells.grid, cells.texts))),
            Step::Unusual => return Ok(None),
            Step::More(from) => {
                if joined.len() - from > LONGEST_CELL {
                    return Ok(None);
                }
                rest = joined[from..].to_vec();
            }
        }
    }
    Ok(None)
}

enum Step {
    /// The sheet's data are complete.
    End,
    /// Not a plain cell.
    Unusual,
    /// Go on with the next part, from this place.
    More(usize),
}

enum Inline {
    /// The place after the cell.
    End(usize),
    /// The cell goes on in the next part.
    More,
    /// Not a plain text.
    Unusual,
}

struct Cells<'a> {
    grid: Grid,
    texts: Vec<Text>,
    shared: &'a [String],
}

impl Cells<'_> {
    /// All complete cells of `xml`.
    fn scan(&mut self, xml: &[u8]) -> Step {
        let mut at = 0;
        loop {
            let Some(start) = find(xml, at, b'<') else { return Step::More(xml.len()) };
            let Some(stop) = find(xml, start, b'>') else { return Step::More(start) };
            let tag = &xml[start + 1..stop];
            if tag.starts_with(b"/sheetData") || tag == b"sheetData/" {
                return Step::End;
            }
            if tag.starts_with(b"!") || tag.contains(&b':') && tag.starts_with(b"c") {
                return Step::Unusual;
            }
            if !(tag == b"c" || tag.starts_with(b"c ")) || tag.ends_with(b"/") {
                at = stop + 1;
                continue;
            }
            let Some(value) = xml.get(stop + 1..stop + 4) else { return Step::More(start) };
            if value == b"</c" {
                at = stop + 1;
                continue;
            }
            if value == b"<is" {
                match self.put_inline(tag, xml, stop + 1) {
                    Inline::End(end) => at = end,
                    Inline::More => return Step::More(start),
                    Inline::Unusual => return Step::Unusual,
                }
                continue;
            }
            if value != b"<v>" {
                return Step::Unusual;
            }
            let Some(end) = find(xml, stop + 4, b'<') else { return Step::More(start) };
            let Some(closing) = xml.get(end..end + 8) else { return Step::More(start) };
            if closing != b"</v></c>" || self.put(tag, &xml[stop + 4..end]).is_none() {
                return Step::Unusual;
            }
            at = end + 8;
        }
    }

    /// A text in its cell: `<is><t>text</t></is></c>` from `from` on.
    fn put_inline(&mut self, tag: &[u8], xml: &[u8], from: usize) -> Inline {
        const OPEN: &[u8] = b"<is><t";
        const CLOSE: &[u8] = b"</t></is></c>";
        let Some(begin) = find(xml, from + OPEN.len(), b'>') else { return Inline::More };
        let Some(end) = find(xml, begin, b'<') else { return Inline::More };
        let Some(closing) = xml.get(end..end + CLOSE.len()) else { return Inline::More };
        let attributes = &xml[from + OPEN.len()..begin];
        let plain = attributes.is_empty() || attributes == br#" xml:space="preserve""#;
        if !xml[from..].starts_with(OPEN) || !plain || closing != CLOSE {
            return Inline::Unusual;
        }
        let put = || {
            let (row, col) = position(attribute(tag, b" r=\"")?)?;
            let text = std::str::from_utf8(&xml[begin + 1..end]).ok()?;
            let text = quick_xml::escape::unescape(text).ok()?.trim().to_owned();
            Some(Text { row: row as u32, col: col as u32, text })
        };
        match (attribute(tag, b" t=\""), put()) {
            (Some(b"inlineStr"), Some(text)) => {
                if !text.text.is_empty() {
                    self.texts.push(text);
                }
                Inline::End(end + CLOSE.len())
            }
            _ => Inline::Unusual,
        }
    }

    /// One cell by its tag and value; `None` if it is not a plain one.
    fn put(&mut self, tag: &[u8], value: &[u8]) -> Option<()> {
        let (row, col) = position(attribute(tag, b" r=\"")?)?;
        match attribute(tag, b" t=\"") {
            None | Some(b"n") => {
                let number: f64 = fast_float2::parse(value).ok().filter(|v: &f64| v.is_finite())?;
                self.grid.set(row, col, number).ok()
            }
            Some(b"s") => {
                let index: usize = std::str::from_utf8(value).ok()?.parse().ok()?;
                let text = self.shared.get(index)?;
                if !text.is_empty() {
                    self.texts.push(Text { row: row as u32, col: col as u32, text: text.clone() });
                }
                Some(())
            }
            Some(_) => None,
        }
    }
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
fn sheet_members(archive: &mut Archive) -> Option<Vec<(String, String)>> {
    let mut targets = HashMap::new();
    for tag in tags(&member(archive, "xl/_rels/workbook.xml.rels")?, "Relationship")? {
        targets.insert(tag.get("Id")?.clone(), tag.get("Target")?.clone());
    }
    let sheets = tags(&member(archive, "xl/workbook.xml")?, "sheet")?;
    sheets
        .into_iter()
        .map(|tag| {
            let target = targets.get(tag.get("r:id")?)?;
            let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            Some((tag.get("name")?.clone(), path))
        })
        .collect()
}

fn member(archive: &mut Archive, name: &str) -> Option<String> {
    let mut text = String::new();
    archive.by_name(name).ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}

/// Attributes of all tags of one name.
fn tags(xml: &str, wanted: &str) -> Option<Vec<HashMap<String, String>>> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == wanted => {
                let mut attributes = HashMap::new();
                for attribute in tag.attributes() {
                    let attribute = attribute.ok()?;
                    let key = attribute.key.as_ref().to_owned();
                    attributes.insert(key, attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned());
                }
                found.push(attributes);
            }
            Event::Eof => return Some(found),
            _ => {}
        }
    }
}

/// Shared texts, trimmed; `None` if one is more than plain text (rich text, phonetic runs).
fn shared_texts(archive: &mut Archive) -> Option<Vec<String>> {
    if archive.index_for_name("xl/sharedStrings.xml").is_none() {
        return Some(Vec::new());
    }
    let xml = member(archive, "xl/sharedStrings.xml")?;
    let mut reader = Reader::from_str(&xml);
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

    fn cells(parts: &[&str]) -> Option<(Vec<f64>, Vec<String>)> {
        let shared = ["", "CHN"].map(str::to_owned);
        let (grid, texts) = collect(parts.iter().map(|part| Ok(part.as_bytes().to_vec())), &shared).ok()??;
        let numbers = grid.into_array().iter().copied().filter(|v| !v.is_nan()).collect();
        Some((numbers, texts.into_iter().map(|t| format!("{} {} {}", t.row, t.col, t.text)).collect()))
    }

    const PLAIN: &str = r#"<sheetData><row r="1"><c r="A1" s="3"><v>1.5</v></c><c r="B1" s="1"/><c r="C1" t="s"><v>1</v></c><c r="D1"></c><c r="E1" t="inlineStr"><is><t xml:space="preserve"> A &amp; B </t></is></c></row><row><c r="A2" t="n"><v>-2e3</v></c><c r="B2" t="s"><v>0</v></c></row></sheetData><x>"#;

    #[test]
    fn plain_cells_cut_anywhere() {
        let expected = Some((vec![1.5, -2000.0], vec!["0 2 CHN".to_owned(), "0 4 A & B".to_owned()]));
        assert_eq!(cells(&[PLAIN]), expected);
        for cut in 1..PLAIN.len() - 3 {
            assert_eq!(cells(&[&PLAIN[..cut], &PLAIN[cut..]]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn whatever_is_not_plain_is_left_to_calamine() {
        for cell in [
            r#"<c r="A1" t="e"><v>#DIV/0!</v></c>"#,
            r#"<c r="A1"><f>1+1</f><v>2</v></c>"#,
            r#"<c r="A1" t="inlineStr"><is><r><t>x</t></r></is></c>"#,
            r#"<c r="A1" t="inlineStr"><is><t>&nope;</t></is></c>"#,
            r#"<c r="A1"><v>one</v></c>"#,
            r#"<c r="A1"><v>1e999</v></c>"#,
            r#"<c><v>1</v></c>"#,
            r#"<c r="1A"><v>1</v></c>"#,
            r#"<c r="A1" t="s"><v>7</v></c>"#,
            r#"<!-- --><c r="A1"><v>1</v></c>"#,
        ] {
            assert_eq!(cells(&[&format!("<sheetData>{cell}</sheetData>")]), None, "{cell}");
        }
        assert_eq!(cells(&[r#"<sheetData><row><c r="A1"><v>1</v></c>"#]), None, "no end");
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
