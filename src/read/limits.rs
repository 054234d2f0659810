//! How far a file may unfold: a small archive can hold an endless text, a small sheet a cell at its far corner.

use std::env;
use std::fmt;
use std::io::{self, Read};

use crate::error::{Error, Result};

/// The option that raises the limits: a factor.
const OPTION: &str = "GVCKIT_READ_LIMIT";
/// Most cells of a table (2 GB of numbers).
const CELLS: f64 = (1_u64 << 28) as f64;
/// Bytes up to which nothing is asked of a member of an archive, and how many times its packed size it may have then.
const FLOOR: f64 = (1_u64 << 28) as f64;
const RATIO: f64 = 200.0;

fn factor() -> Result<f64> {
    let Ok(told) = env::var(OPTION) else { return Ok(1.0) };
    match told.trim().parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(factor),
        _ => Err(Error::reading(format!("can't be read while {OPTION}={told:?}: a factor such as 4 is wanted"))),
    }
}

/// Refuse a table of more cells than the limit.
pub fn check_cells(rows: usize, columns: usize) -> Result<()> {
    let limit = CELLS * factor()?;
    if (rows as f64) * (columns as f64) <= limit {
        return Ok(());
    }
    Err(Error::reading(format!(
        "holds {rows} rows and {columns} columns, more than {limit:.0} cells: if that is a table, set the environment \
         variable {OPTION}={:.0}",
        (rows as f64 * columns as f64 / CELLS).ceil()
    )))
}

/// Most bytes that a member of so many bytes in the archive may unfold to.
pub fn most_bytes(packed: u64) -> Result<u64> {
    Ok(((RATIO * packed as f64).max(FLOOR) * factor()?) as u64)
}

/// A member of an archive that may not unfold without end.
pub struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Limited<R> {
    /// A member of so many bytes in the archive.
    pub fn new(inner: R, packed: u64) -> Result<Self> {
        Ok(Self { inner, left: most_bytes(packed)? })
    }

    /// A member that is held whole, and small in every table.
    pub fn small(inner: R) -> Result<Self> {
        Self::new(inner, 0)
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other(Unfolds)),
        }
        Ok(count)
    }
}

/// What `Limited` says when the limit is reached.
#[derive(Debug)]
pub struct Unfolds;

impl fmt::Display for Unfolds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unfolds to more than {RATIO} times its size in the archive, and more than {:.0} MB: if that is a table, \
             set the environment variable {OPTION}=4",
            FLOOR / 1e6
        )
    }
}

impl std::error::Error for Unfolds {}

/// Whether reading stopped at the limit.
pub fn unfolds(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Unfolds>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_member_ends() -> Result<()> {
        let failed = io::copy(&mut Limited::new(io::repeat(b'0'), 100)?, &mut io::sink());
        assert!(failed.is_err_and(|e| unfolds(&e)));
        let mut whole = Vec::new();
        assert!(Limited::new(&b"1,2"[..], 1)?.read_to_end(&mut whole).is_ok_and(|n| n == 3));
        assert!(check_cells(9800, 9800).is_ok() && check_cells(1 << 20, 1 << 14).is_err());
        Ok(())
    }
}
