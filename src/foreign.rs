//! Products with Z^F, the flows between regions: passes over Z at the speed of memory, in either memory order.
//!
//! Rows are read once for all vectors. Sums run in tasks of fixed size, so threads don't change the result.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::simd::{self, Cell};
use crate::table::{Dims, ROWS_PER_TASK};

/// `Z^F u` for several u in one pass over Z; Z^F is Z without its domestic blocks.
pub fn products<T: Cell>(z: ArrayView2<T>, dims: Dims, vectors: &[ArrayView1<f64>]) -> Vec<Array1<f64>> {
    if lies_by_column(z) { along_columns(z.reversed_axes(), dims, vectors) } else { along_rows(z, dims, vectors) }
}

/// `u' Z^F` for several u in one pass over Z.
pub fn left_products<T: Cell>(z: ArrayView2<T>, dims: Dims, weights: &[ArrayView1<f64>]) -> Vec<Array1<f64>> {
    if lies_by_column(z) { along_rows(z.reversed_axes(), dims, weights) } else { along_columns(z, dims, weights) }
}

fn lies_by_column<T>(z: ArrayView2<T>) -> bool {
    z.ncols() > 1 && z.strides()[0] == 1
}

/// Sums over the cells of each row.
fn along_rows<T: Cell>(z: ArrayView2<T>, dims: Dims, vectors: &[ArrayView1<f64>]) -> Vec<Array1<f64>> {
    let k = vectors.len();
    let vectors: Vec<Vec<f64>> = vectors.iter().map(|v| v.to_vec()).collect();
    let mut out = vec![0.0; dims.n() * k];
    out.par_chunks_mut(ROWS_PER_TASK * k)
        .zip(z.axis_chunks_iter(Axis(0), ROWS_PER_TASK).into_par_iter())
        .enumerate()
        .for_each(|(task, (out, rows))| {
            for (i, (out, row)) in out.chunks_mut(k).zip(rows.outer_iter()).enumerate() {
                let home = dims.block(dims.region(task * ROWS_PER_TASK + i));
                let row = simd::contiguous(row);
                for part in [0..home.start, home.end..dims.n()] {
                    add_dots(out, &row[part.clone()], &vectors, part.start);
                }
            }
        });
    (0..k).map(|j| out.iter().skip(j).step_by(k).copied().collect()).collect()
}

/// Dot products of a part of a row with several vectors, two at a time.
fn add_dots<T: Cell>(out: &mut [f64], part: &[T], vectors: &[Vec<f64>], start: usize) {
    for (out, pair) in out.chunks_mut(2).zip(vectors.chunks(2)) {
        if let [u, v] = pair {
            let (p, q) = simd::dot_pair(part, &u[start..], &v[start..]);
            out[0] += p;
            out[1] += q;
        } else {
            out[0] += simd::dot(part, &pair[0][start..]);
        }
    }
}

/// Sums over the cells of each column. A task a region: few partial sums, and the home columns are the same for its rows.
fn along_columns<T: Cell>(z: ArrayView2<T>, dims: Dims, weights: &[ArrayView1<f64>]) -> Vec<Array1<f64>> {
    let n = dims.n();
    let parts: Vec<Vec<Array1<f64>>> = (0..dims.regions)
        .into_par_iter()
        .map(|region| {
            let home = dims.block(region);
            let mut sums = vec![Array1::<f64>::zeros(n); weights.len()];
            for row in home.clone() {
                for part in [0..home.start, home.end..n] {
                    let flows = z.slice(s![row, part.clone()]);
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        simd::accumulate(sum.slice_mut(s![part.clone()]), weights[row], flows);
                    }
                }
            }
            sums
        })
        .collect();
    let mut totals = vec![Array1::zeros(n); weights.len()];
    for part in &parts {
        totals.iter_mut().zip(part).for_each(|(total, sum)| *total += sum);
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn both_orders_and_both_precisions_equal_the_plain_products() {
        for (regions, sectors) in [(1, 3), (3, 1), (4, 17), (2, 40)] {
            let dims = Dims { regions, sectors };
            let n = dims.n();
            // Cells that single precision holds exactly.
            let z = Array2::from_shape_fn((n, n), |(i, j)| ((i * 7 + j * 5) % 11) as f64 - 2.0);
            let mut abroad = z.clone();
            for g in 0..regions {
                abroad.slice_mut(s![dims.block(g), dims.block(g)]).fill(0.0);
            }
            let vectors: Vec<Array1<f64>> =
                (0..3).map(|k| Array1::from_shape_fn(n, |i| (i % 5) as f64 - k as f64)).collect();
            let views: Vec<_> = vectors.iter().map(|v| v.view()).collect();
            let by_column = z.t().as_standard_layout().into_owned();
            let single = z.mapv(|e| e as f32);
            for found in [
                products(z.view(), dims, &views),
                products(by_column.t(), dims, &views),
                products(single.view(), dims, &views),
            ] {
                found.iter().zip(&vectors).for_each(|(f, v)| assert_eq!(f, abroad.dot(v)));
            }
            for found in [
                left_products(z.view(), dims, &views),
                left_products(by_column.t(), dims, &views),
                left_products(single.view(), dims, &views),
            ] {
                found.iter().zip(&vectors).for_each(|(f, v)| assert_eq!(f, v.dot(&abroad)));
            }
        }
    }
}
