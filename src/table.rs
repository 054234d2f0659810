//! Dimensions, row order, the domestic/foreign split, and the totals of a table.

use std::ops::Range;

use ndarray::{Array1, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::simd::{self, Cell};

/// Rows that one parallel task handles in a pass over a wide matrix.
pub const ROWS_PER_TASK: usize = 32;
/// Rows of a task that also sums columns: its partial sums are a 64th of what it reads. Tasks of a fixed size, added in
/// their order, give the same digits for any number of threads.
pub const ROWS_PER_SUM: usize = 64;

/// G regions and N sectors; row = region * N + sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dims {
    /// G.
    pub regions: usize,
    /// N.
    pub sectors: usize,
}

impl Dims {
    /// Dimensions of an n-row table with `sectors` sectors a region.
    pub fn new(n: usize, sectors: usize) -> Result<Self> {
        if sectors == 0 || n == 0 || !n.is_multiple_of(sectors) {
            return Err(Error::Shape {
                what: "table",
                expected: format!("a positive number of rows, a multiple of the {sectors} sectors"),
                got: format!("{n} rows"),
            });
        }
        Ok(Self { regions: n / sectors, sectors })
    }

    /// n = G N.
    pub fn n(&self) -> usize {
        self.regions * self.sectors
    }

    /// The region that a row belongs to.
    pub fn region(&self, row: usize) -> usize {
        row / self.sectors
    }

    /// The rows of a region: its domestic block is this range squared.
    pub fn block(&self, region: usize) -> Range<usize> {
        region * self.sectors..(region + 1) * self.sectors
    }
}

/// A checked view of a table: what every measure takes.
#[derive(Clone, Copy)]
pub struct Table<'a, T = f64> {
    /// G and N.
    pub dims: Dims,
    /// Intermediate flows, n x n.
    pub z: ArrayView2<'a, T>,
    /// Final demand by consuming region, n x G.
    pub y: ArrayView2<'a, f64>,
    /// Gross output, n.
    pub x: ArrayView1<'a, f64>,
    /// Value added, n.
    pub va: ArrayView1<'a, f64>,
}

impl<'a, T: Cell> Table<'a, T> {
    /// Check that shapes fit.
    pub fn new(
        z: ArrayView2<'a, T>,
        y: ArrayView2<'a, f64>,
        x: ArrayView1<'a, f64>,
        va: ArrayView1<'a, f64>,
        sectors: usize,
    ) -> Result<Self> {
        let dims = Dims::new(z.nrows(), sectors)?;
        let n = dims.n();
        expect_shape("z", z.shape(), &[n, n])?;
        expect_shape("y", y.shape(), &[n, dims.regions])?;
        expect_shape("x", x.shape(), &[n])?;
        expect_shape("va", va.shape(), &[n])?;
        Ok(Self { dims, z, y, x, va })
    }

    /// Value added per unit of output, 0 where output is 0.
    pub fn v(&self) -> Array1<f64> {
        over_output(self.va, self.x)
    }

    /// Final goods made for home, and for abroad: (y^D, y^F).
    pub fn final_goods(&self) -> (Array1<f64>, Array1<f64>) {
        let mut home = Array1::zeros(self.dims.n());
        let mut abroad = Array1::zeros(self.dims.n());
        for (row, demand) in self.y.outer_iter().enumerate() {
            let region = self.dims.region(row);
            home[row] = demand[region];
            abroad[row] = demand.slice(s![..region]).sum() + demand.slice(s![region + 1..]).sum();
        }
        (home, abroad)
    }
}

/// `numerator / x` with the rule of the input coefficients: 0 where output is 0.
pub fn over_output(numerator: ArrayView1<f64>, x: ArrayView1<f64>) -> Array1<f64> {
    ndarray::Zip::from(numerator).and(x).map_collect(|&value, &x| if x == 0.0 { 0.0 } else { value / x })
}

/// Error unless an array has the shape that is needed.
pub fn expect_shape(what: &'static str, got: &[usize], expected: &[usize]) -> Result<()> {
    if got == expected {
        return Ok(());
    }
    Err(Error::Shape { what, expected: format!("{expected:?}"), got: format!("{got:?}") })
}

/// Row sums and column sums in one pass, in parallel.
pub fn sums<T: Cell>(matrix: ArrayView2<T>) -> (Array1<f64>, Array1<f64>) {
    let parts: Vec<(Vec<f64>, Array1<f64>)> = matrix
        .axis_chunks_iter(Axis(0), ROWS_PER_SUM)
        .into_par_iter()
        .map(|chunk| {
            let mut column_sums = Array1::zeros(chunk.ncols());
            let ones = vec![1.0; chunk.ncols()];
            let row_sums = chunk.outer_iter().map(|row| {
                simd::accumulate(column_sums.view_mut(), 1.0, row);
                row.to_slice().map_or_else(|| row.iter().map(|e| e.widen()).sum(), |row| simd::dot(row, &ones))
            });
            (row_sums.collect(), column_sums)
        })
        .collect();
    let mut column_sums = Array1::zeros(matrix.ncols());
    parts.iter().for_each(|(_, part)| column_sums += part);
    (parts.into_iter().flat_map(|(rows, _)| rows).collect(), column_sums)
}

/// Error at the first NaN or infinity of a matrix, given its row sums (which such a cell spoils).
pub fn expect_finite<T: Cell>(what: &'static str, matrix: ArrayView2<T>, row_sums: ArrayView1<f64>) -> Result<()> {
    for (row, sum) in row_sums.iter().enumerate() {
        if sum.is_finite() {
            continue;
        }
        // A row of finite cells can overflow in its sum; then its largest cell is named.
        let cells = matrix.row(row).mapv(Cell::widen);
        let col = cells.iter().position(|c| !c.is_finite()).unwrap_or_else(|| largest(cells.view()));
        return Err(Error::NonFinite { what, row, col, value: cells[col] });
    }
    Ok(())
}

/// Position of the largest value; 0 for an empty view.
pub fn largest(values: ArrayView1<f64>) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] || values[best].is_nan() {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn sums_of_a_matrix_larger_than_a_task() {
        let m = Array2::from_shape_fn((101, 7), |(i, j)| (i * 7 + j) as f64);
        let (rows, cols) = sums(m.view());
        assert_eq!(rows, m.sum_axis(Axis(1)));
        assert_eq!(cols, m.sum_axis(Axis(0)));
    }

    #[test]
    fn the_cell_that_is_not_finite_is_named() {
        let m = array![[1.0, 2.0], [3.0, f64::NAN]];
        let (rows, _) = sums(m.view());
        let error = expect_finite("z", m.view(), rows.view());
        assert!(matches!(error, Err(Error::NonFinite { what: "z", row: 1, col: 1, .. })));
    }

    #[test]
    fn a_row_count_that_is_no_multiple_of_the_sectors() {
        assert!(matches!(Dims::new(7, 2), Err(Error::Shape { what: "table", .. })));
        assert!(Dims::new(0, 2).is_err() && Dims::new(2, 0).is_err());
    }

    #[test]
    fn home_and_abroad() -> Result<()> {
        let z = Array2::<f64>::zeros((2, 2));
        let y = array![[1.0, 2.0], [3.0, 4.0]];
        let x = array![3.0, 0.0];
        let t = Table::new(z.view(), y.view(), x.view(), x.view(), 1)?;
        assert_eq!(t.final_goods(), (array![1.0, 4.0], array![2.0, 3.0]));
        assert_eq!(t.v(), array![1.0, 0.0]);
        Ok(())
    }
}
