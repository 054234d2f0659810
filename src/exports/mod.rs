//! Decompositions of gross exports.
//!
//! Every term is a coefficient of the exporting sector times a part of its exports to a partner, so one pass over Z
//! per method gives all exporters, sectors and partners at once: rows x partners x terms. What the papers write with
//! block products of B enters through a few products of B with n x G matrices.
//!
//! Regions may be groups of a table's regions (the EU; China with its processing zones): blocks of any size.

mod content;
mod kww;
mod terms;

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};

use crate::blas;
use crate::error::{Error, Result};
use crate::leontief::{Factor, Solver, counted, local_identity_minus, reciprocal};
use crate::table::expect_shape;

pub use content::content;
pub use kww::{Kww, kww};
pub use terms::{
    Borin, Tripartite, World, Wwz, borin_mancini_sink, borin_mancini_source, borin_mancini_world, tripartite, wwz,
};

/// Consecutive rows of each exporter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks {
    starts: Vec<usize>,
}

impl Blocks {
    /// From the first row of each block and, last, the number of rows.
    pub fn new(starts: Vec<usize>, n: usize) -> Result<Self> {
        let rising = starts.windows(2).all(|pair| pair[0] < pair[1]);
        if starts.first() == Some(&0) && starts.last() == Some(&n) && starts.len() > 1 && rising {
            return Ok(Self { starts });
        }
        Err(Error::Shape { what: "blocks", expected: format!("rising from 0 to {n}"), got: format!("{starts:?}") })
    }

    /// Number of blocks, G.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Never: there is at least one block.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Rows of a block.
    pub fn rows(&self, block: usize) -> Range<usize> {
        self.starts[block]..self.starts[block + 1]
    }

    /// Blocks with their rows.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
        (0..self.len()).map(|g| (g, self.rows(g)))
    }
}

/// The global Leontief inverse, or factors that solve in its place: enough where no block of it is asked for.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// B itself, n x n.
    Inverse(ArrayView2<'a, f64>),
    /// LU factors of I - A.
    Factor(&'a Factor),
}

impl Source<'_> {
    fn shape(&self) -> [usize; 2] {
        match self {
            Self::Inverse(b) => [b.nrows(), b.ncols()],
            Self::Factor(factor) => [factor.order(); 2],
        }
    }

    /// `B u`.
    fn times(&self, u: Array2<f64>) -> Result<Array2<f64>> {
        match self {
            Self::Factor(factor) => factor.solve(u),
            Self::Inverse(b) => {
                let mut out = Array2::zeros(u.dim());
                blas::gemm(1.0, *b, u.view(), 0.0, out.view_mut())?;
                Ok(out)
            }
        }
    }

    /// `B' u`.
    fn transposed_times(&self, u: Array2<f64>) -> Result<Array2<f64>> {
        match self {
            Self::Factor(factor) => factor.solve_transposed(u),
            Self::Inverse(b) => {
                let left = u.reversed_axes();
                let mut out = Array2::zeros(left.dim());
                blas::gemm(1.0, left.as_standard_layout().view(), *b, 0.0, out.view_mut())?;
                Ok(out.reversed_axes().as_standard_layout().into_owned())
            }
        }
    }

    /// Rows of one block, columns of another; only of B itself.
    fn block(&self, rows: Range<usize>, columns: Range<usize>) -> Result<ArrayView2<'_, f64>> {
        match self {
            Self::Inverse(b) => Ok(b.slice(s![rows, columns])),
            Self::Factor(_) => {
                Err(Error::Shape { what: "B", expected: "the inverse".to_owned(), got: "factors".to_owned() })
            }
        }
    }
}

/// A table with the inverse and what all methods need of it.
pub struct Economy<'a> {
    /// Exporters.
    pub blocks: Blocks,
    /// Intermediate flows, n x n.
    pub z: ArrayView2<'a, f64>,
    /// Final demand by consuming block, n x G.
    pub y: ArrayView2<'a, f64>,
    /// Where products with the global Leontief inverse come from.
    pub b: Source<'a>,
    /// Output, n.
    pub x: ArrayView1<'a, f64>,
    /// Value added per unit of output, n.
    pub v: ArrayView1<'a, f64>,
    /// 1 / x, 0 where x is 0.
    per_unit: Array1<f64>,
    /// Factors of each block's I - a.
    local: Vec<Factor>,
    /// `v_s L_ss`, n.
    vl: Array1<f64>,
    /// Output that a block needs for its own final demand, `L_ss Y_ss`, n.
    own: Array1<f64>,
    /// Value added of block t per unit of final good j, `v_t B_tj`: n x G.
    origin: Array2<f64>,
    /// Its diagonal `v_s B_ss`, and its sum over t without it, n.
    vb: Array1<f64>,
    foreign: Array1<f64>,
    /// Gross exports by partner, n x G, and their sum.
    exports: Array2<f64>,
    total_exports: Array1<f64>,
}

impl<'a> Economy<'a> {
    /// Check shapes, factor the blocks, and trace where value added is from.
    pub fn new(
        z: ArrayView2<'a, f64>,
        y: ArrayView2<'a, f64>,
        b: Source<'a>,
        x: ArrayView1<'a, f64>,
        v: ArrayView1<'a, f64>,
        starts: Vec<usize>,
    ) -> Result<Self> {
        let n = x.len();
        let blocks = Blocks::new(starts, n)?;
        expect_shape("Z", z.shape(), &[n, n])?;
        expect_shape("B", &b.shape(), &[n, n])?;
        expect_shape("Y", y.shape(), &[n, blocks.len()])?;
        expect_shape("v", v.shape(), &[n])?;
        let per_unit = reciprocal(x);
        let local = factors(z, x, &blocks)?;
        let vl = solve(&local, &blocks, v, Factor::solve_transposed_vector);
        let home: Array1<f64> = diagonal(y, &blocks);
        let own = solve(&local, &blocks, home.view(), Factor::solve_vector);
        let origin = left_by_block(&b, v, &blocks)?;
        let vb = diagonal(origin.view(), &blocks);
        let foreign = origin.sum_axis(Axis(1)) - &vb;
        let exports = gross_exports(z, y, x, &blocks);
        let total_exports = exports.sum_axis(Axis(1));
        Ok(Self { blocks, z, y, b, x, v, per_unit, local, vl, own, origin, vb, foreign, exports, total_exports })
    }

    /// Number of rows.
    pub fn n(&self) -> usize {
        self.x.len()
    }

    /// Gross exports by row and partner, n x G.
    pub fn exports(&self) -> ArrayView2<'_, f64> {
        self.exports.view()
    }

    /// `B` times a vector spread over one column a block: column s holds `B_.s u_s`. n x G, one product.
    fn spread_product(&self, u: ArrayView1<f64>) -> Result<Array2<f64>> {
        self.b.times(spread(u, &self.blocks))
    }

    /// `B Y`: output of each row for the final demand of each block. n x G.
    fn absorbed(&self) -> Result<Array2<f64>> {
        self.b.times(self.y.as_standard_layout().into_owned())
    }
}

/// A vector as n x G, one column a block, zero outside the block's rows.
fn spread(u: ArrayView1<f64>, blocks: &Blocks) -> Array2<f64> {
    let mut out = Array2::zeros((u.len(), blocks.len()));
    for (g, rows) in blocks.iter() {
        out.slice_mut(s![rows.clone(), g]).assign(&u.slice(s![rows]));
    }
    out
}

/// Of an n x G matrix, each row's own block.
fn diagonal(matrix: ArrayView2<f64>, blocks: &Blocks) -> Array1<f64> {
    let mut out = Array1::zeros(matrix.nrows());
    for (g, rows) in blocks.iter() {
        out.slice_mut(s![rows.clone()]).assign(&matrix.slice(s![rows, g]));
    }
    out
}

/// `v_t B_tj` for every block t: n x G.
fn left_by_block(b: &Source, v: ArrayView1<f64>, blocks: &Blocks) -> Result<Array2<f64>> {
    b.transposed_times(spread(v, blocks))
}

fn factors(z: ArrayView2<f64>, x: ArrayView1<f64>, blocks: &Blocks) -> Result<Vec<Factor>> {
    blocks
        .iter()
        .map(|(_, rows)| {
            let m = local_identity_minus(z, x, rows.clone());
            Factor::new(m).map_err(|error| error.shifted(rows.start))
        })
        .collect()
}

/// A solve of each block's part of a vector.
fn solve(
    local: &[Factor],
    blocks: &Blocks,
    u: ArrayView1<f64>,
    with: impl Fn(&Factor, Array1<f64>) -> Array1<f64>,
) -> Array1<f64> {
    let mut out = Array1::zeros(u.len());
    for ((_, rows), factor) in blocks.iter().zip(local) {
        out.slice_mut(s![rows.clone()]).assign(&with(factor, u.slice(s![rows]).to_owned()));
    }
    out
}

/// Exports of each row to each other block, intermediate and final: n x G, 0 to its own.
fn gross_exports(z: ArrayView2<f64>, y: ArrayView2<f64>, x: ArrayView1<f64>, blocks: &Blocks) -> Array2<f64> {
    // Sales to a sector without output carry a zero coefficient, as in all of A.
    let counted = counted(x);
    let mut out = y.to_owned();
    for (partner, columns) in blocks.iter() {
        let sold = z.slice(s![.., columns.clone()]).dot(&counted.slice(s![columns.clone()]));
        out.column_mut(partner).scaled_add(1.0, &sold);
        out.slice_mut(s![columns, partner]).fill(0.0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_must_rise_from_zero_to_n() {
        assert!(Blocks::new(vec![0, 2, 5], 5).is_ok());
        for bad in [vec![], vec![0], vec![1, 5], vec![0, 3, 3, 5], vec![0, 4]] {
            assert!(matches!(Blocks::new(bad, 5), Err(Error::Shape { what: "blocks", .. })));
        }
    }

    #[test]
    fn spread_and_its_diagonal() -> Result<()> {
        let blocks = Blocks::new(vec![0, 1, 3], 3)?;
        let u = ndarray::array![1.0, 2.0, 3.0];
        assert_eq!(diagonal(spread(u.view(), &blocks).view(), &blocks), u);
        Ok(())
    }
}
