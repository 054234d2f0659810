//! What a sheet is made of: a grid of numbers that grows as cells come, and texts with their places.

use ndarray::Array2;

use super::source::problem;
use crate::error::Result;

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

/// A sheet: numbers in a grid (NaN where the cell holds none) and the texts.
#[derive(Debug)]
pub struct Sheet {
    /// Name of the sheet.
    pub name: String,
    /// All sheets of the workbook.
    pub sheets: Vec<String>,
    /// Numbers by row and column, NaN where there is none.
    pub numbers: Array2<f64>,
    /// Cells with text, in the order of the file. Blank texts count as empty cells.
    pub texts: Vec<Text>,
}

/// Excel's own limit.
const MAX_COLS: usize = 16_384;
/// A workbook that jumps further than this between two rows is damaged, not large.
const MAX_ROW_GAP: usize = 20_000;

pub(super) fn choose(names: Vec<String>, wanted: Option<&str>) -> Result<(String, Vec<String>)> {
    let found = match wanted {
        Some(wanted) => names.iter().find(|n| *n == wanted),
        None => names.iter().find(|n| !n.to_lowercase().contains("legend")),
    };
    match found {
        Some(name) => Ok((name.clone(), names)),
        None => Err(problem(match wanted {
            Some(wanted) => format!("has no sheet {wanted:?}; its sheets are {names:?}"),
            None => format!("has no sheet with data; its sheets are {names:?}"),
        })),
    }
}

/// Numbers by row and column that grow as cells come; the file's own idea of its size is not trusted.
#[derive(Default)]
pub(super) struct Grid {
    cells: Vec<f64>,
    rows: usize,
    width: usize,
    used: usize,
}

impl Grid {
    pub(super) fn set(&mut self, row: usize, col: usize, value: f64) -> std::result::Result<(), String> {
        if col >= self.width {
            if col >= MAX_COLS {
                return Err(format!("lies beyond column {MAX_COLS}, the last that Excel has"));
            }
            self.widen((col + 1).max(self.width * 2).min(MAX_COLS));
        }
        if row >= self.rows {
            if row > self.rows + MAX_ROW_GAP {
                return Err(format!("follows row {}: the sheet is damaged", self.rows));
            }
            self.rows = row + 1;
            self.cells.resize(self.rows * self.width, f64::NAN);
        }
        self.used = self.used.max(col + 1);
        self.cells[row * self.width + col] = value;
        Ok(())
    }

    /// Lay the rows out anew; the widest row of a table is its first row of data, so this happens early.
    fn widen(&mut self, width: usize) {
        let mut cells = vec![f64::NAN; self.rows * width];
        if self.width > 0 {
            for (to, from) in cells.chunks_mut(width).zip(self.cells.chunks(self.width)) {
                to[..self.width].copy_from_slice(from);
            }
        }
        self.cells = cells;
        self.width = width;
    }

    /// Squeeze unused columns out, in place.
    pub(super) fn into_array(mut self) -> Array2<f64> {
        if self.used < self.width {
            for row in 1..self.rows {
                let from = row * self.width;
                self.cells.copy_within(from..from + self.used, row * self.used);
            }
            self.cells.truncate(self.rows * self.used);
        }
        match Array2::from_shape_vec((self.rows, self.used), self.cells) {
            Ok(cells) => cells,
            Err(_) => unreachable!("rows are as wide as what was used of them"),
        }
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
    fn a_damaged_position_is_refused() {
        let mut grid = Grid::default();
        assert!(grid.set(0, MAX_COLS, 1.0).is_err());
        assert!(grid.set(1_000_000, 0, 1.0).is_err());
        assert_eq!(Grid::default().into_array().dim(), (0, 0));
    }
}
