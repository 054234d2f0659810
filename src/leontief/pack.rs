//! Several regions of one order, eliminated side by side in the lanes of one array.

use std::ops::Range;

use ndarray::{Array1, ArrayView1, ArrayView2, ArrayViewMut2, Axis, s};

use super::checks::{FACTOR_RESIDUAL, failure};
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
        scale: &[f64],
        blocks: &Blocks,
        first: usize,
    ) -> Result<Self> {
        let order = blocks.largest();
        let regions = first..(first + LANES).min(blocks.count());
        // The row sums are what m makes of ones: its factors must make ones of them.
        let SideBySide { mut cells, sums: mut probe, suspect } = side_by_side(z, scale, blocks, regions.clone());
        let mut pivots = vec![[0.0; LANES]; order];
        let failed = lanes::eliminate(&mut cells, &mut pivots, LEAST_PIVOT);
        lanes::substitute(&cells, &pivots, &mut probe);
        let mut alone = Vec::new();
        for (lane, region) in regions.enumerate() {
            // A NaN is the largest there.
            let off = failure(probe.iter().map(|z| z[lane] - 1.0));
            if suspect[lane] || failed[lane] || off.is_nan() || off > FACTOR_RESIDUAL {
                alone.push((lane, Factor::local(z, x, blocks.rows(region))?));
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

/// Regions cell by cell beside each other.
struct SideBySide {
    /// `I - a^D`, the identity in lanes without a region.
    cells: Vec<Lane>,
    /// Its row sums.
    sums: Vec<Lane>,
    /// Whether a lane has a negative coefficient.
    suspect: [bool; LANES],
}

fn side_by_side<T: Cell>(z: ArrayView2<T>, scale: &[f64], blocks: &Blocks, regions: Range<usize>) -> SideBySide {
    let order = blocks.largest();
    let mut cells = vec![[0.0; LANES]; order * order];
    let mut sums = vec![[1.0; LANES]; order];
    let mut suspect = [false; LANES];
    let own: Vec<_> = regions.map(|region| blocks.rows(region)).collect();
    let flows: Vec<_> = own.iter().map(|rows| z.slice_move(s![rows.clone(), rows.clone()])).collect();
    let mut held = vec![0.0; order];
    for (i, (row, sum)) in cells.chunks_exact_mut(order).zip(&mut sums).enumerate() {
        for (lane, (flows, own)) in flows.iter().zip(&own).enumerate() {
            let line = |i: usize| flows.index_axis(Axis(0), i);
            // Lines of a block lie far apart.
            line((i + 2).min(order - 1)).to_slice().inspect(|next| simd::prefetch(next));
            let (inputs, least) = simd::negate(&mut held, &simd::contiguous(line(i)), &scale[own.clone()]);
            suspect[lane] |= least < 0.0;
            sum[lane] -= inputs;
            row.iter_mut().zip(&held).for_each(|(cell, value)| cell[lane] = *value);
        }
        row[i] = row[i].map(|cell| 1.0 + cell);
    }
    SideBySide { cells, sums, suspect }
}
