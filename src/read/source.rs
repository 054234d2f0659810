//! Where text comes from: a file, a member of a zip archive, or bytes; read by one thread while others parse.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use zip::ZipArchive;

use crate::error::{Error, Result};
use crate::machine::interrupt;

/// Bytes that travel from the reading thread at a time.
pub const PART: usize = 1 << 22;
/// How many such parts may wait.
const WAITING: usize = 4;

/// A file or bytes, and the member if it is a zip archive.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where the bytes are.
    pub place: Place,
    /// Member of the zip archive that the place is; `None` for plain text.
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

/// Error in reading as text.
pub(super) fn problem(message: String) -> Error {
    Error::Read { message, sheet: None, cell: None }
}

trait Input: Read + Seek + Send {}
impl<T: Read + Seek + Send> Input for T {}

impl Source {
    /// Hand the text to `use_lines` in parts of about `size` bytes that end with a line, until it returns false or the
    /// text ends.
    ///
    /// A byte-order mark is dropped; UTF-16 is refused. Ctrl-C is looked for between two parts.
    pub fn lines(self, size: usize, mut use_lines: impl FnMut(&[u8]) -> Result<bool>) -> Result<()> {
        let stream = self.stream(size);
        cut_at_lines(stream.parts.iter(), &mut use_lines)?;
        stream.ended()
    }

    /// Start a thread that reads and inflates while others work on what it has sent.
    pub(super) fn stream(self, size: usize) -> Stream {
        let (sender, parts) = sync_channel(WAITING);
        let thread = thread::spawn(move || {
            let failed = self.parts(size, |part| sender.send(Ok(part)).is_ok()).err();
            if let Some(error) = failed {
                // Nobody listens any more: then nobody is told.
                let _ = sender.send(Err(error));
            }
        });
        Stream { parts, thread }
    }

    fn parts(self, size: usize, mut put: impl FnMut(Vec<u8>) -> bool) -> Result<()> {
        let input: Box<dyn Input> = match self.place {
            Place::File(path) => {
                let file = File::open(path).map_err(|e| problem(format!("can't be opened: {e}")))?;
                Box::new(BufReader::new(file))
            }
            Place::Bytes(bytes) => Box::new(Cursor::new(bytes)),
        };
        match self.member {
            None => pass_on(input, size, &mut put),
            Some(name) => {
                let damaged = |e: zip::result::ZipError| problem(format!("is not a complete zip archive: {e}"));
                let mut archive = ZipArchive::new(input).map_err(damaged)?;
                let member = archive.by_name(&name).map_err(damaged)?;
                pass_on(member, size, &mut put)
            }
        }
    }
}

/// Parts of a text as a thread sends them; it stops when this is dropped.
pub(super) struct Stream {
    pub(super) parts: Receiver<Result<Vec<u8>>>,
    thread: JoinHandle<()>,
}

impl Stream {
    /// Wait for the thread; an error if damage made it panic.
    pub(super) fn ended(self) -> Result<()> {
        drop(self.parts);
        self.thread.join().map_err(|_| problem("is damaged: its parts don't fit together".to_owned()))
    }
}

fn pass_on(mut input: impl Read, size: usize, put: &mut impl FnMut(Vec<u8>) -> bool) -> Result<()> {
    loop {
        let mut part = Vec::with_capacity(size);
        let damaged = |e| problem(format!("is damaged or can't be read to its end: {e}"));
        input.by_ref().take(size as u64).read_to_end(&mut part).map_err(damaged)?;
        if part.is_empty() || !put(part) {
            return Ok(());
        }
    }
}

fn cut_at_lines(
    parts: impl Iterator<Item = Result<Vec<u8>>>,
    use_lines: &mut impl FnMut(&[u8]) -> Result<bool>,
) -> Result<()> {
    let (mut rest, mut first): (Vec<u8>, bool) = (Vec::new(), true);
    for part in parts {
        interrupt::check()?;
        let part = part?;
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
                if !use_lines(&text)? {
                    return Ok(());
                }
            }
            None => rest = text,
        }
    }
    if !rest.is_empty() {
        use_lines(&rest)?;
    }
    Ok(())
}

fn without_mark(text: &mut Vec<u8>) -> Result<()> {
    if text.starts_with(b"\xEF\xBB\xBF") {
        text.drain(..3);
    }
    if text.starts_with(b"\xFF\xFE") || text.starts_with(b"\xFE\xFF") {
        return Err(problem("is UTF-16 text: save it as UTF-8".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], member: Option<&str>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let source = Source { place: Place::Bytes(bytes.to_vec()), member: member.map(str::to_owned) };
        source.lines(PART, |part| {
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
