//! Several regions of one order, eliminated side by side in the lanes of one array.

use std::ops::Range;

use ndarray::{Array1, ArrayView1, ArrayView2, ArrayViewMut2, s};

use super::checks::{FACTOR_RESIDUAL, failure};
use super::coefficients::local_identity_minus;
use super::eliminate::LEAST_PIVOT;
use super::factor::Factor;
use crate::error::Result;
use crate::machine::lanes::{self, LANES, Lane};
use crate::machine::simd::{self, Cell};
use crate::table::Blocks;

/// Factors of up to eight regions. What has negative coefficients, a pivot that is not positive or a solution that is off is
/// factored by itself, with all checks.
pub struct Pack {
    order: usize,
    cells: Vec<Lane>,
    pivots: Vec<Lane>,
    alone: Vec<(usize, Factor)>,
}

impl Pack {
    /// Factor `I - a^D` of the regions from `first` on; `scale` is 1 / x.
    pub fn new<T: Cell>(
        z: ArrayView2<T>,
        x: ArrayView1<f64>,
        scale: &Array1<f64>,
        blocks: &Blocks,
        first: usize,
    ) -> Result<Self> {
        let order = blocks.largest();
        let regions = first..(first + LANES).min(blocks.count());
        let (mut cells, suspect) = side_by_side(z, scale, blocks, regions.clone());
        // What m makes of ones, to see whether its factors make ones of that.
        let mut probe: Vec<Lane> = cells.chunks_exact(order).map(summed).collect();
        let mut pivots = vec![[0.0; LANES]; order];
        let failed = lanes::eliminate(&mut cells, &mut pivots, LEAST_PIVOT);
        lanes::substitute(&cells, &pivots, &mut probe);
        let mut alone = Vec::new();
        for (lane, region) in regions.enumerate() {
            // A NaN is the largest there.
            let off = failure(probe.iter().map(|z| z[lane] - 1.0));
            if suspect[lane] || failed[lane] || off.is_nan() || off > FACTOR_RESIDUAL {
                let rows = blocks.rows(region);
                let m = local_identity_minus(z, x, rows.clone());
                alone.push((lane, m.and_then(Factor::new).map_err(|error| error.shifted(rows.start))?));
            }
        }
        Ok(Self { order, cells, pivots, alone })
    }

    /// Columns of `b`, the rows of these regions, replaced by `L b`, or by `L' b`.
    pub fn solve(&self, mut b: ArrayViewMut2<f64>, transposed: bool) {
        let regions = b.nrows() / self.order;
        let solve = if transposed { lanes::substitute_transposed } else { lanes::substitute };
        let mut held = vec![[0.0; LANES]; self.order];
        for mut column in b.columns_mut() {
            let alone: Vec<Array1<f64>> = self
                .alone
                .iter()
                .map(|(lane, factor)| {
                    let part = column.slice(s![lane * self.order..(lane + 1) * self.order]);
                    factor.solve_alone(part.to_owned(), transposed)
                })
                .collect();
            for (i, cell) in held.iter_mut().enumerate() {
                for (lane, value) in cell[..regions].iter_mut().enumerate() {
                    *value = column[lane * self.order + i];
                }
            }
            solve(&self.cells, &self.pivots, &mut held);
            for (i, cell) in held.iter().enumerate() {
                for (lane, value) in cell[..regions].iter().enumerate() {
                    column[lane * self.order + i] = *value;
                }
            }
            for ((lane, _), solved) in self.alone.iter().zip(&alone) {
                column.slice_mut(s![lane * self.order..(lane + 1) * self.order]).assign(solved);
            }
        }
    }
}

fn summed(row: &[Lane]) -> Lane {
    row.iter().fold([0.0; LANES], |sum, cell| std::array::from_fn(|lane| sum[lane] + cell[lane]))
}

/// `I - a^D` of some regions cell by cell beside each other, the identity in lanes without a region; and which lanes have a
/// negative coefficient.
fn side_by_side<T: Cell>(
    z: ArrayView2<T>,
    scale: &Array1<f64>,
    blocks: &Blocks,
    regions: Range<usize>,
) -> (Vec<Lane>, [bool; LANES]) {
    let order = blocks.largest();
    let scales: Vec<&[f64]> = regions.clone().map(|region| &contiguous_of(scale)[blocks.rows(region)]).collect();
    let mut cells = Vec::with_capacity(order * order);
    let mut smallest = [0.0_f64; LANES];
    for i in 0..order {
        // A line of the block of each region: cells are written once, lane after lane.
        let lines: Vec<_> = regions
            .clone()
            .map(|region| simd::contiguous(z.slice_move(s![blocks.rows(region).start + i, blocks.rows(region)])))
            .collect();
        for j in 0..order {
            let mut cell = [f64::from(i == j); LANES];
            for (lane, (line, scale)) in lines.iter().zip(&scales).enumerate() {
                let a = line[j].widen() * scale[j];
                smallest[lane] = smallest[lane].min(a);
                cell[lane] -= a;
            }
            cells.push(cell);
        }
    }
    (cells, smallest.map(|a| a < 0.0))
}

fn contiguous_of(scale: &Array1<f64>) -> &[f64] {
    let Some(scale) = scale.as_slice() else { unreachable!("it was made in order") };
    scale
}
