//! Where bytes come from: a file, a member of a zip archive, or memory; read by one thread while others parse.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use zip::ZipArchive;

use super::guard::guarded;
use super::limits::{Limited, unfolds};
use crate::error::{Error, Result};
use crate::machine::interrupt;

/// Bytes that travel from the reading thread at a time.
pub const PART: usize = 1 << 22;
/// How many such parts may wait.
const WAITING: usize = 3;

/// A file or bytes, and the member if it is a zip archive.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where the bytes are.
    pub place: Place,
    /// Member of the zip archive that the place is; `None` for the place itself.
    pub member: Option<String>,
}

/// Where bytes are.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// Memory.
    Bytes(Vec<u8>),
}

/// Error of a stream that broke off, or unfolds without end.
pub(super) fn broken(error: &io::Error) -> Error {
    Error::reading(if unfolds(error) {
        error.to_string()
    } else {
        format!("is damaged or can't be read to its end: {error}")
    })
}

/// What can be read anywhere.
pub trait Input: Read + Seek + Send {}
impl<T: Read + Seek + Send> Input for T {}

impl Place {
    /// The bytes to read.
    pub fn open(self) -> Result<Box<dyn Input>> {
        Ok(match self {
            Self::File(path) => {
                let file = File::open(path).map_err(|e| Error::reading(format!("can't be opened: {e}")))?;
                Box::new(BufReader::new(file))
            }
            Self::Bytes(bytes) => Box::new(Cursor::new(bytes)),
        })
    }
}

impl Source {
    /// Hand the text to `use_lines` in parts of about `size` bytes that end with a line, until it returns false or the
    /// text ends; with each part goes the size of the whole text, where it is known.
    ///
    /// A byte-order mark is dropped; UTF-16 is refused. Ctrl-C is looked for between two parts.
    pub fn lines(self, size: usize, mut use_lines: impl FnMut(&[u8], Option<u64>) -> Result<bool>) -> Result<()> {
        let (sender, receiver) = sync_channel(WAITING);
        let reading = thread::spawn(move || {
            let put = |part, whole| sender.send(Ok((part, whole))).is_ok();
            if let Err(error) = guarded(|| self.parts(size, put)) {
                // Nobody listens any more where the other side has ended first.
                let _ = sender.send(Err(error));
            }
        });
        let outcome = cut_at_lines(&receiver, &mut use_lines);
        drop(receiver);
        let ended = reading.join();
        outcome?;
        ended.unwrap_or_else(|_| unreachable!("`guarded` makes an error of a panic"));
        Ok(())
    }

    fn parts(self, size: usize, mut put: impl FnMut(Vec<u8>, Option<u64>) -> bool) -> Result<()> {
        let mut input = self.place.open()?;
        match self.member {
            None => {
                let whole = input.seek(io::SeekFrom::End(0)).and_then(|end| input.rewind().map(|()| end));
                pass_on(input, size, |part| put(part, whole.as_ref().ok().copied()))
            }
            Some(name) => {
                let damaged = |e: zip::result::ZipError| Error::reading(format!("is not a complete zip archive: {e}"));
                let mut archive = ZipArchive::new(input).map_err(damaged)?;
                let member = archive.by_name(&name).map_err(damaged)?;
                let (whole, packed) = (member.size(), member.compressed_size());
                pass_on(Limited::new(member, packed)?, size, |part| put(part, Some(whole)))
            }
        }
    }
}

/// Read to the end in parts of `size` bytes, or until nobody wants more.
pub(super) fn pass_on(mut input: impl Read, size: usize, mut put: impl FnMut(Vec<u8>) -> bool) -> Result<()> {
    loop {
        let mut part = Vec::with_capacity(size);
        input.by_ref().take(size as u64).read_to_end(&mut part).map_err(|e| broken(&e))?;
        if part.is_empty() || !put(part) {
            return Ok(());
        }
    }
}

type Part = Result<(Vec<u8>, Option<u64>)>;

fn cut_at_lines(parts: &Receiver<Part>, use_lines: &mut impl FnMut(&[u8], Option<u64>) -> Result<bool>) -> Result<()> {
    let (mut rest, mut first): (Vec<u8>, bool) = (Vec::new(), true);
    for part in parts {
        interrupt::check()?;
        let (part, whole) = part?;
        let mut text = std::mem::take(&mut rest);
        if text.is_empty() {
            text = part;
        } else {
            text.extend_from_slice(&part);
        }
        if first {
            without_mark(&mut text)?;
            first = false;
        }
        match memchr::memrchr(b'\n', &text) {
            Some(end) => {
                rest = text.split_off(end + 1);
                if !use_lines(&text, whole)? {
                    return Ok(());
                }
            }
            None => rest = text,
        }
    }
    if !rest.is_empty() {
        use_lines(&rest, Some(rest.len() as u64))?;
    }
    Ok(())
}

fn without_mark(text: &mut Vec<u8>) -> Result<()> {
    if text.starts_with(b"\xEF\xBB\xBF") {
        text.drain(..3);
    }
    if text.starts_with(b"\xFF\xFE") || text.starts_with(b"\xFE\xFF") {
        return Err(Error::reading("is UTF-16 text: save it as UTF-8".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], member: Option<&str>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let source = Source { place: Place::Bytes(bytes.to_vec()), member: member.map(str::to_owned) };
        source.lines(PART, |part, _| {
            out.extend_from_slice(part);
            Ok(true)
        })?;
        Ok(out)
    }

    #[test]
    fn long_text_comes_whole_and_without_its_mark() -> Result<()> {
        let text = "one,two\n".repeat(PART / 4);
        assert_eq!(all(text.as_bytes(), None)?, text.as_bytes());
        assert_eq!(all(b"\xEF\xBB\xBFa\nb", None)?, b"a\nb");
        assert!(all(b"\xFF\xFEa\0", None).is_err());
        assert!(all(b"no zip", Some("x")).is_err());
        assert!(all(b"", None)?.is_empty());
        Ok(())
    }
}
