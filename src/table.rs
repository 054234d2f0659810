//! A table as every measure takes it: blocks of rows, the rule for sectors without output, domestic and foreign parts.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView, ArrayView1, ArrayView2, ArrayViewMut, Axis, Dimension, Zip, s};
use rayon::prelude::*;

use crate::error::{Error, Result, expect_shape};
use crate::machine::simd::{self, Cell};
use crate::machine::{memory, passes};

/// Regions as consecutive rows, of equal size or not: row = region * N + sector where all have N sectors; groups of regions
/// (the EU; China with its processing zones) have more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks {
    bounds: Vec<usize>,
}

impl Blocks {
    /// From the first row of each region and, last, the number of rows.
    pub fn new(bounds: Vec<usize>, n: usize) -> Result<Self> {
        let rising = bounds.windows(2).all(|pair| pair[0] < pair[1]);
        if bounds.first() == Some(&0) && bounds.last() == Some(&n) && bounds.len() > 1 && rising {
            return Ok(Self { bounds });
        }
        Err(Error::Shape { what: "blocks", expected: format!("rising from 0 to {n}"), got: format!("{bounds:?}") })
    }

    /// Of a table of n rows with `sectors` sectors a region.
    pub fn equal(n: usize, sectors: usize) -> Result<Self> {
        if sectors == 0 || n == 0 || !n.is_multiple_of(sectors) {
            return Err(Error::Shape {
                what: "table",
                expected: format!("a positive number of rows, a multiple of the {sectors} sectors"),
                got: format!("{n} rows"),
            });
        }
        Ok(Self { bounds: (0..=n).step_by(sectors).collect() })
    }

    /// Number of rows.
    pub fn n(&self) -> usize {
        self.bounds[self.count()]
    }

    /// Number of regions, G.
    pub fn count(&self) -> usize {
        self.bounds.len() - 1
    }

    /// First rows and, last, the number of rows.
    pub fn bounds(&self) -> &[usize] {
        &self.bounds
    }

    /// The rows of a region: its domestic block is this range squared.
    pub fn rows(&self, region: usize) -> Range<usize> {
        self.bounds[region]..self.bounds[region + 1]
    }

    /// Whether all regions have as many rows.
    pub fn are_equal(&self) -> bool {
        self.iter().all(|(_, rows)| rows.len() == self.largest())
    }

    /// Regions with their rows.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
        (0..self.count()).map(|region| (region, self.rows(region)))
    }

    /// The region of each row.
    pub fn regions(&self) -> Vec<usize> {
        self.iter().flat_map(|(region, rows)| rows.map(move |_| region)).collect()
    }

    /// Rows of the largest region.
    pub fn largest(&self) -> usize {
        self.iter().map(|(_, rows)| rows.len()).max().unwrap_or(0)
    }

    /// An array cut along its rows.
    pub fn parts<'a, T, D: Dimension>(&self, mut array: ArrayView<'a, T, D>) -> Vec<ArrayView<'a, T, D>> {
        let mut parts = Vec::with_capacity(self.count());
        for (_, rows) in self.iter() {
            let (part, rest) = array.split_at(Axis(0), rows.len());
            parts.push(part);
            array = rest;
        }
        parts
    }

    /// An array cut along its rows, to be written to.
    pub fn parts_mut<'a, T, D: Dimension>(&self, mut array: ArrayViewMut<'a, T, D>) -> Vec<ArrayViewMut<'a, T, D>> {
        let mut parts = Vec::with_capacity(self.count());
        for (_, rows) in self.iter() {
            let (part, rest) = array.split_at(Axis(0), rows.len());
            parts.push(part);
            array = rest;
        }
        parts
    }

    /// A vector as n x G, one column a region, zero outside the region's rows.
    pub fn spread(&self, u: ArrayView1<f64>) -> Array2<f64> {
        let mut out = Array2::zeros((u.len(), self.count()));
        for (region, rows) in self.iter() {
            out.slice_mut(s![rows.clone(), region]).assign(&u.slice(s![rows]));
        }
        out
    }

    /// Of an n x G matrix, each row's own region.
    pub fn own(&self, matrix: ArrayView2<f64>) -> Array1<f64> {
        self.regions().into_iter().zip(matrix.outer_iter()).map(|(region, row)| row[region]).collect()
    }

    /// An n x G matrix with 0 in each row's own region.
    pub fn without_own(&self, mut matrix: Array2<f64>) -> Array2<f64> {
        for (region, rows) in self.iter() {
            matrix.slice_mut(s![rows, region]).fill(0.0);
        }
        matrix
    }

    /// A vector summed by region.
    pub fn sum(&self, values: ArrayView1<f64>) -> Array1<f64> {
        self.parts(values).iter().map(|part| part.sum()).collect()
    }

    /// The rows of a matrix summed by region: G x columns.
    pub fn sum_rows(&self, matrix: ArrayView2<f64>) -> Array2<f64> {
        let mut out = Array2::zeros((self.count(), matrix.ncols()));
        for (mut into, part) in out.outer_iter_mut().zip(self.parts(matrix)) {
            into.assign(&part.sum_axis(Axis(0)));
        }
        out
    }
}

/// Value added, or another factor.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// By row, in the unit of the flows.
    Added(ArrayView1<'a, f64>),
    /// Per unit of output.
    PerOutput(ArrayView1<'a, f64>),
}

/// Rows of sectors without output.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct WithoutOutput {
    /// They buy, and nothing passes through them: v = 0, and what others sell to them ends there.
    pub buyers: Vec<usize>,
    /// They buy nothing, and their sales cancel out: what they sell is all their own, v = 1.
    pub cancelling: Vec<usize>,
    /// They sell nothing and buy nothing.
    pub empty: Vec<usize>,
}

/// Rows without output.
fn idle(x: &Array1<f64>) -> impl Iterator<Item = usize> {
    x.iter().enumerate().filter(|(_, x)| **x == 0.0).map(|(row, _)| row)
}

/// Final goods by row, made for home and for abroad.
pub type FinalGoods = (Array1<f64>, Array1<f64>);

/// A checked table. Flows and final demand may lie in memory in any way.
#[derive(Clone)]
pub struct Table<'a, T = f64> {
    /// Regions.
    pub blocks: Blocks,
    /// Intermediate flows, n x n.
    pub z: ArrayView2<'a, T>,
    /// Final demand by consuming region, n x G.
    pub y: ArrayView2<'a, f64>,
    /// Gross output, n.
    pub x: Array1<f64>,
    /// Output that the table's own coefficients explain, `B y`: x, but where a sector buys without output. n.
    pub made: Array1<f64>,
    /// Value added per unit of output, n.
    pub v: Array1<f64>,
}

impl<'a, T: Cell> Table<'a, T> {
    /// Check that shapes fit.
    pub fn new(
        blocks: Blocks,
        z: ArrayView2<'a, T>,
        y: ArrayView2<'a, f64>,
        x: ArrayView1<f64>,
        value: Value,
    ) -> Result<Self> {
        let n = blocks.n();
        expect_shape("z", z.shape(), &[n, n])?;
        expect_shape("y", y.shape(), &[n, blocks.count()])?;
        expect_shape("x", x.shape(), &[n])?;
        let x: Array1<f64> = x.iter().copied().collect();
        reciprocal(x.view())?;
        let v = match value {
            Value::Added(va) => {
                expect_shape("va", va.shape(), &[n])?;
                per_output(va, x.view())
            }
            Value::PerOutput(v) => {
                expect_shape("v", v.shape(), &[n])?;
                v.iter().copied().collect()
            }
        };
        let mut table = Self { blocks, z, y, made: x.clone(), x, v };
        if let Value::Added(_) = value {
            // A row is read in a moment, a column is not: few sectors without output sell anything.
            let cancelling = idle(&table.x).filter(|row| table.sells(*row) && !table.buys(*row)).collect::<Vec<_>>();
            cancelling.into_iter().for_each(|row| table.v[row] = 1.0);
        }
        Ok(table)
    }

    fn sells(&self, row: usize) -> bool {
        simd::has_any(&simd::contiguous(self.z.row(row))) || simd::has_any(&simd::contiguous(self.y.row(row)))
    }

    fn buys(&self, row: usize) -> bool {
        self.z.column(row).iter().any(|e| e.widen() != 0.0)
    }

    /// Sectors without output; a pass over their purchases.
    pub fn without_output(&self) -> WithoutOutput {
        let idle: Vec<usize> = idle(&self.x).collect();
        let buying = |rows: ArrayView2<T>| -> Vec<bool> {
            let mut buys = vec![false; idle.len()];
            for row in rows.rows() {
                buys.iter_mut().zip(&idle).for_each(|(buys, col)| *buys |= row[*col].widen() != 0.0);
            }
            buys
        };
        let parts = self.z.axis_chunks_iter(Axis(0), passes::ROWS_PER_TASK).into_par_iter().map(buying);
        let either = |a: Vec<bool>, b: Vec<bool>| a.into_iter().zip(b).map(|(a, b)| a | b).collect();
        let buys = parts.reduce(|| vec![false; idle.len()], either);
        let mut found = WithoutOutput::default();
        for (row, buys) in idle.into_iter().zip(buys) {
            match (buys, buys || self.sells(row)) {
                (true, _) => found.buyers.push(row),
                (false, true) => found.cancelling.push(row),
                (false, false) => found.empty.push(row),
            }
        }
        found
    }

    /// The table with B y where it isn't x.
    pub fn with_made(mut self, made: Option<Array1<f64>>) -> Result<Self> {
        if let Some(made) = made {
            expect_shape("made", made.shape(), &[self.blocks.n()])?;
            self.made = made;
        }
        Ok(self)
    }

    /// Final goods made for home, and for abroad: (y^D, y^F).
    pub fn final_goods(&self) -> FinalGoods {
        (self.blocks.own(self.y), passes::sums_abroad(self.y, self.blocks.bounds()))
    }
}

/// Values per unit of output, 0 where there is none.
pub fn per_output(values: ArrayView1<f64>, x: ArrayView1<f64>) -> Array1<f64> {
    Zip::from(values).and(x).map_collect(|&value, &x| if x == 0.0 { 0.0 } else { value / x })
}

/// `1 / x`, 0 where x is 0: what makes coefficients of flows. An output so small that it has no reciprocal is an error.
pub fn reciprocal(x: ArrayView1<f64>) -> Result<Array1<f64>> {
    let out = x.mapv(|x| if x == 0.0 { 0.0 } else { 1.0 / x });
    match (0..x.len()).find(|&row| !x[row].is_finite() || !out[row].is_finite()) {
        Some(row) => Err(Error::NonFinite { what: "x (or 1 / x)", row, col: 0, value: x[row] }),
        None => Ok(out),
    }
}

/// Sums of a table that all else is made of.
pub struct Totals {
    /// Output, `Z 1 + Y 1`; 0 where it is only rounding.
    pub x: Array1<f64>,
    /// Purchases, `1'Z`.
    pub inputs: Array1<f64>,
    /// Final demand by region.
    pub y: Array2<f64>,
}

/// An output within this share of all that a sector sells and buys, each taken without its sign, is rounding.
const ROUNDING: f64 = 1e-12;

impl Totals {
    /// Of flows and final demand by region and category (n x G F); NaN or infinity is an error.
    pub fn of<T: Cell>(z: ArrayView2<T>, y: ArrayView2<f64>, categories: usize) -> Result<Self> {
        let n = z.nrows();
        expect_shape("Z", z.shape(), &[n, n])?;
        if categories == 0 || y.nrows() != n || !y.ncols().is_multiple_of(categories) {
            return Err(Error::Shape {
                what: "Y",
                expected: format!("{n} rows, and columns a multiple of the {categories} categories"),
                got: format!("{:?}", y.shape()),
            });
        }
        let sold = passes::gross_sums(z);
        expect_finite("Z", z, ArrayView1::from(&sold.rows))?;
        let demand = passes::gross_sums(y);
        expect_finite("Y", y, ArrayView1::from(&demand.rows))?;
        let x = (0..n).map(|k| {
            let x = sold.rows[k] + demand.rows[k];
            let gross = sold.rows_absolute[k] + demand.rows_absolute[k] + sold.columns_absolute[k];
            if x.abs() <= ROUNDING * gross { 0.0 } else { x }
        });
        let mut by_region = memory::zeros((n, y.ncols() / categories))?;
        for (mut into, row) in by_region.outer_iter_mut().zip(y.outer_iter()) {
            let row = simd::contiguous(row);
            into.iter_mut().zip(row.chunks_exact(categories)).for_each(|(sum, part)| *sum = part.iter().sum());
        }
        Ok(Self { x: x.collect(), inputs: sold.columns.into(), y: by_region })
    }
}

/// Error at the first NaN or infinity of a matrix, given its row sums (which such a cell spoils).
pub fn expect_finite<T: Cell>(what: &'static str, matrix: ArrayView2<T>, row_sums: ArrayView1<f64>) -> Result<()> {
    let Some(row) = row_sums.iter().position(|sum| !sum.is_finite()) else { return Ok(()) };
    // A row of finite cells can overflow in its sum; then its largest cell is named.
    let cells = matrix.row(row).mapv(Cell::widen);
    let col = cells.iter().position(|c| !c.is_finite()).unwrap_or_else(|| largest(cells.view()));
    Err(Error::NonFinite { what, row, col, value: cells[col] })
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
pub(crate) mod tests {
    use super::*;
    use crate::machine::passes::sums;
    use ndarray::array;

    /// Two regions, two sectors, made up for tests; x = z 1 + y 1 and va = x - 1'z.
    pub(crate) struct Small {
        pub z: Array2<f64>,
        pub y: Array2<f64>,
        pub x: Array1<f64>,
        pub va: Array1<f64>,
    }

    impl Small {
        pub(crate) fn new() -> Self {
            let z = array![[10.0, 5.0, 3.0, 2.0], [4.0, 20.0, 1.0, 6.0], [2.0, 3.0, 15.0, 7.0], [1.0, 4.0, 5.0, 25.0]];
            let y = array![[30.0, 6.0], [40.0, -2.0], [5.0, 50.0], [8.0, 60.0]];
            Self::of(z, y)
        }

        pub(crate) fn of(z: Array2<f64>, y: Array2<f64>) -> Self {
            let (rows, cols) = sums(z.view());
            let x = rows + y.sum_axis(Axis(1));
            let va = &x - &cols;
            Self { z, y, x, va }
        }

        pub(crate) fn table(&self) -> Result<Table<'_>> {
            let blocks = Blocks::equal(self.x.len(), self.x.len() / self.y.ncols())?;
            Table::new(blocks, self.z.view(), self.y.view(), self.x.view(), Value::Added(self.va.view()))
        }
    }

    /// Whether all cells are within a distance of each other.
    pub(crate) fn close<D: Dimension>(a: &ndarray::Array<f64, D>, b: &ndarray::Array<f64, D>, distance: f64) -> bool {
        a.shape() == b.shape() && (a - b).iter().all(|e| e.abs() <= distance)
    }

    #[test]
    fn the_cell_that_is_not_finite_is_named() {
        let m = array![[1.0, 2.0], [3.0, f64::NAN]];
        let error = expect_finite("z", m.view(), sums(m.view()).0.view());
        assert!(matches!(error, Err(Error::NonFinite { what: "z", row: 1, col: 1, .. })));
    }

    #[test]
    fn blocks_must_rise_from_zero_to_n() -> Result<()> {
        assert!(matches!(Blocks::equal(7, 2), Err(Error::Shape { what: "table", .. })));
        assert!(Blocks::equal(0, 2).is_err() && Blocks::equal(2, 0).is_err());
        assert_eq!(Blocks::equal(6, 2)?, Blocks::new(vec![0, 2, 4, 6], 6)?);
        for bad in [vec![], vec![0], vec![1, 5], vec![0, 3, 3, 5], vec![0, 4]] {
            assert!(matches!(Blocks::new(bad, 5), Err(Error::Shape { what: "blocks", .. })));
        }
        Ok(())
    }

    #[test]
    fn a_vector_spread_over_regions_of_unequal_size() -> Result<()> {
        let blocks = Blocks::new(vec![0, 1, 3], 3)?;
        let u = array![1.0, 2.0, 3.0];
        let wide = blocks.spread(u.view());
        assert_eq!(wide, array![[1.0, 0.0], [0.0, 2.0], [0.0, 3.0]]);
        assert_eq!((blocks.own(wide.view()), blocks.sum(u.view())), (u, array![1.0, 5.0]));
        assert_eq!(blocks.sum_rows(wide.view()), array![[1.0, 0.0], [0.0, 5.0]]);
        assert_eq!((blocks.largest(), blocks.regions()), (2, vec![0, 1, 1]));
        assert!(blocks.without_own(wide).iter().all(|e| *e == 0.0));
        Ok(())
    }

    #[test]
    fn sectors_without_output_are_of_three_kinds() -> Result<()> {
        let z = array![[2.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [3.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]];
        let small = Small::of(z.clone(), array![[5.0, 1.0], [-2.0, 0.0], [-3.0, 0.0], [0.0, 0.0]]);
        let t = small.table()?;
        assert_eq!(t.without_output(), WithoutOutput { buyers: vec![1], cancelling: vec![2], empty: vec![3] });
        assert_eq!(t.v, array![3.0 / 9.0, 0.0, 1.0, 0.0]);
        let weights = Value::PerOutput(small.x.view());
        let given = Table::new(t.blocks.clone(), t.z, t.y, small.x.view(), weights)?;
        assert_eq!(given.v, small.x);
        Ok(())
    }

    #[test]
    fn totals_by_region_with_rounding_taken_as_no_output() -> Result<()> {
        let z = array![[0.5, 2.0], [9023.0, 0.0]];
        let y = array![[1.0, 2.0, 3.0, 4.0], [1.0, -1.0, -9023.0 - 5e-12, 0.0]];
        let totals = Totals::of(z.view(), y.view(), 2)?;
        assert_eq!((totals.x, totals.inputs), (array![12.5, 0.0], array![9023.5, 2.0]));
        assert_eq!(totals.y, array![[3.0, 7.0], [0.0, -9023.0 - 5e-12]]);
        for (z, y) in [(array![[1.0]], array![[f64::NAN]]), (array![[f64::INFINITY]], array![[1.0]])] {
            assert!(matches!(Totals::of(z.view(), y.view(), 1), Err(Error::NonFinite { row: 0, col: 0, .. })));
        }
        assert!(Totals::of(z.view(), y.view(), 3).is_err() && Totals::of(z.view(), y.view(), 0).is_err());
        let tiny = reciprocal(array![1.0, 1e-310].view());
        assert!(matches!(tiny, Err(Error::NonFinite { row: 1, .. })));
        Ok(())
    }

    #[test]
    fn home_and_abroad() -> Result<()> {
        let small = Small::of(Array2::zeros((2, 2)), array![[1.0, 2.0], [0.0, 0.0]]);
        let t = small.table()?;
        assert_eq!(t.final_goods(), (array![1.0, 0.0], array![2.0, 0.0]));
        assert_eq!(t.v, array![1.0, 0.0]);
        Ok(())
    }
}
