//! A sheet as a dense grid of numbers with its texts: what a workbook and a delimited text become.

use ndarray::Array2;

use super::limits::check_cells;
use crate::error::{Error, Result};

/// A text cell: row and column from 0, and what it says, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Row, counted from 0.
    pub row: u32,
    /// Column, counted from 0.
    pub col: u32,
    /// Contents without white space at the ends; never empty.
    pub text: String,
}

/// A sheet: numbers in a grid (NaN where the cell holds none), and what else there is.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Numbers by row and column, NaN where there is none.
    pub numbers: Array2<f64>,
    /// Cells with text, in the order of the file. Blank texts count as empty cells.
    pub texts: Vec<Text>,
    /// Cells that hold neither a number nor text, and what they hold: a date, TRUE, an error value.
    pub odd: Vec<Text>,
}

/// Excel's own limits.
const MAX_ROWS: usize = 1 << 20;
const MAX_COLS: usize = 1 << 14;
/// A grid of more cells than this of which not one in so many is filled is no table, but has a cell far away.
const ROOM: usize = 1 << 22;
const SPARSE: usize = 64;

/// Numbers by row and column that grow as cells come; the file's own idea of its size is not trusted.
#[derive(Debug, Default)]
pub struct Grid {
    cells: Vec<f64>,
    rows: usize,
    width: usize,
    used: usize,
    filled: usize,
}

/// Cells of so many rows laid out anew in wider ones.
pub(super) fn widened(cells: &[f64], rows: usize, width: usize, wider: usize) -> Vec<f64> {
    let mut out = vec![f64::NAN; rows * wider];
    if rows > 0 && width > 0 {
        for (to, from) in out.chunks_mut(wider).zip(cells.chunks(width)) {
            to[..width].copy_from_slice(from);
        }
    }
    out
}

impl Grid {
    /// Put a number into a cell.
    pub fn set(&mut self, row: usize, col: usize, value: f64) -> Result<()> {
        if col >= self.width || row >= self.rows {
            self.grow(row, col)?;
        }
        self.used = self.used.max(col + 1);
        self.filled += 1;
        self.cells[row * self.width + col] = value;
        Ok(())
    }

    fn grow(&mut self, row: usize, col: usize) -> Result<()> {
        let place = |message: String| Error::Read { message, sheet: None, cell: Some(cell_name(row, col)) };
        if row >= MAX_ROWS || col >= MAX_COLS {
            return Err(place("lies beyond the last cell that Excel has: the sheet is damaged".to_owned()));
        }
        let (rows, used) = (self.rows.max(row + 1), self.used.max(col + 1));
        if rows * used > ROOM.max(SPARSE * self.filled) {
            return Err(place("lies far from the other numbers of the sheet: delete what is not the table".to_owned()));
        }
        check_cells(rows, used)?;
        if col >= self.width {
            self.widen(used.max(self.width * 2).min(MAX_COLS));
        }
        self.rows = rows;
        self.cells.resize(rows * self.width, f64::NAN);
        Ok(())
    }

    /// Lay the rows out anew; the widest row of a table is its first row of data, so this happens early.
    fn widen(&mut self, width: usize) {
        self.cells = widened(&self.cells, self.rows, self.width, width);
        self.width = width;
    }

    /// Squeeze unused columns out, in place.
    pub fn into_array(mut self) -> Array2<f64> {
        if self.used < self.width {
            for row in 1..self.rows {
                let from = row * self.width;
                self.cells.copy_within(from..from + self.used, row * self.used);
            }
            self.cells.truncate(self.rows * self.used);
        }
        dense(self.cells, self.rows, self.used)
    }
}

/// Rows side by side as an array.
pub fn dense(cells: Vec<f64>, rows: usize, columns: usize) -> Array2<f64> {
    match Array2::from_shape_vec((rows, columns), cells) {
        Ok(array) => array,
        Err(error) => unreachable!("as many cells as rows times columns are kept: {error}"),
    }
}

/// `E8` for row 7, column 4.
pub fn cell_name(row: usize, col: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = col + 1;
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.iter().rev().map(|&b| char::from(b)).collect();
    format!("{letters}{}", row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cell_names() {
        let names = [(0, 0, "A1"), (7, 4, "E8"), (0, 25, "Z1"), (0, 26, "AA1"), (0, 701, "ZZ1"), (9, 702, "AAA10")];
        for (row, col, name) in names {
            assert_eq!(cell_name(row, col), name);
        }
    }

    #[test]
    fn a_grid_grows_and_is_squeezed() {
        let mut grid = Grid::default();
        for (row, col) in [(1, 0), (1, 2), (3, 5), (3, 1)] {
            assert_eq!(grid.set(row, col, (10 * row + col) as f64), Ok(()));
        }
        let numbers = grid.into_array();
        assert_eq!(numbers.dim(), (4, 6));
        let found: Vec<f64> = numbers.iter().copied().filter(|v| !v.is_nan()).collect();
        assert_eq!(found, [10.0, 12.0, 31.0, 35.0]);
        assert_eq!(numbers[[3, 5]], 35.0);
    }

    #[test]
    fn a_far_or_impossible_cell_is_refused() {
        let mut grid = Grid::default();
        assert!(grid.set(0, MAX_COLS, 1.0).is_err());
        assert!(grid.set(MAX_ROWS, 0, 1.0).is_err());
        let Err(Error::Read { cell, .. }) = grid.set(19_000, MAX_COLS - 1, 1.0) else { panic!("taken") };
        assert_eq!(cell.as_deref(), Some("XFD19001"));
        assert_eq!(Grid::default().into_array().dim(), (0, 0));
    }
}
