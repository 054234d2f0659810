//! Passes over a wide matrix at the speed of memory, in either memory order: sums, and products without the diagonal
//! blocks (of flows: those between regions).
//!
//! Rows are read once for all vectors. Sums run in tasks of fixed size, so threads don't change the result.
//!
//! Blocks are given by their bounds: first rows, and last the number of rows.

use std::ops::Range;

use ndarray::{Array1, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::simd::{self, Cell};

/// Rows that one parallel task handles.
pub const ROWS_PER_TASK: usize = 32;
/// Rows of a task that also sums columns: its partial sums are a 64th of what it reads. Tasks of a fixed size, added in
/// their order, give the same digits for any number of threads.
pub const ROWS_PER_SUM: usize = 64;

/// Row sums and column sums of a matrix, and the same of its cells without signs.
pub struct GrossSums {
    /// Row sums.
    pub rows: Vec<f64>,
    /// Column sums.
    pub columns: Vec<f64>,
    /// Row sums of absolute values.
    pub rows_absolute: Vec<f64>,
    /// Column sums of absolute values.
    pub columns_absolute: Vec<f64>,
}

/// All sums of a matrix in one pass.
pub fn gross_sums<T: Cell>(matrix: ArrayView2<T>) -> GrossSums {
    let zero = || (vec![0.0; matrix.ncols()], vec![0.0; matrix.ncols()]);
    let parts: Vec<_> = matrix
        .axis_chunks_iter(Axis(0), ROWS_PER_SUM)
        .into_par_iter()
        .map(|chunk| {
            let (mut columns, mut absolute) = zero();
            let add = |row| simd::add_gross((&mut columns, &mut absolute), &simd::contiguous(row));
            let rows: (Vec<f64>, Vec<f64>) = chunk.outer_iter().map(add).unzip();
            (rows, (columns, absolute))
        })
        .collect();
    let (mut columns, mut columns_absolute) = zero();
    for (_, (part, absolute)) in &parts {
        simd::add_scaled(&mut columns, 1.0, part);
        simd::add_scaled(&mut columns_absolute, 1.0, absolute);
    }
    let (rows, rows_absolute): (Vec<_>, Vec<_>) = parts.into_iter().map(|(rows, _)| rows).unzip();
    GrossSums { rows: rows.concat(), columns, rows_absolute: rows_absolute.concat(), columns_absolute }
}

/// Row sums and column sums.
pub fn sums<T: Cell>(matrix: ArrayView2<T>) -> (Array1<f64>, Array1<f64>) {
    let sums = gross_sums(matrix);
    (sums.rows.into(), sums.columns.into())
}

/// A matrix times a vector.
pub fn times(matrix: ArrayView2<f64>, vector: ArrayView1<f64>) -> Array1<f64> {
    let vector = simd::contiguous(vector);
    let mut out = vec![0.0; matrix.nrows()];
    out.par_chunks_mut(ROWS_PER_TASK).zip(matrix.axis_chunks_iter(Axis(0), ROWS_PER_TASK).into_par_iter()).for_each(
        |(out, rows)| {
            let rows = rows.outer_iter().map(|row| simd::dot(&simd::contiguous(row), &vector));
            out.iter_mut().zip(rows).for_each(|(out, product)| *out = product);
        },
    );
    out.into()
}

/// `Z^F u` for several u in one pass over Z; Z^F is Z without its diagonal blocks.
pub fn products<T: Cell>(z: ArrayView2<T>, bounds: &[usize], vectors: &[ArrayView1<f64>]) -> Vec<Array1<f64>> {
    let vectors = owned(vectors);
    if lies_by_column(z) { along_columns(z.reversed_axes(), bounds, &vectors) } else { along_rows(z, bounds, &vectors) }
}

/// `u' Z^F` for several u in one pass over Z.
pub fn left_products<T: Cell>(z: ArrayView2<T>, bounds: &[usize], weights: &[ArrayView1<f64>]) -> Vec<Array1<f64>> {
    let weights = owned(weights);
    if lies_by_column(z) { along_rows(z.reversed_axes(), bounds, &weights) } else { along_columns(z, bounds, &weights) }
}

fn owned(vectors: &[ArrayView1<f64>]) -> Vec<Vec<f64>> {
    vectors.iter().map(|v| v.to_vec()).collect()
}

fn lies_by_column<T>(z: ArrayView2<T>) -> bool {
    z.ncols() > 1 && z.strides()[0] == 1
}

/// The block of a row.
fn home(bounds: &[usize], row: usize) -> Range<usize> {
    let next = bounds.partition_point(|start| *start <= row);
    bounds[next - 1]..bounds[next]
}

/// Sums over the cells of each row.
fn along_rows<T: Cell>(z: ArrayView2<T>, bounds: &[usize], vectors: &[Vec<f64>]) -> Vec<Array1<f64>> {
    let (n, k) = (z.nrows(), vectors.len());
    let mut out = vec![0.0; n * k];
    out.par_chunks_mut(ROWS_PER_TASK * k)
        .zip(z.axis_chunks_iter(Axis(0), ROWS_PER_TASK).into_par_iter())
        .enumerate()
        .for_each(|(task, (out, rows))| {
            for (i, (out, row)) in out.chunks_mut(k).zip(rows.outer_iter()).enumerate() {
                let home = home(bounds, task * ROWS_PER_TASK + i);
                let row = simd::contiguous(row);
                for part in [0..home.start, home.end..n] {
                    add_dots(out, &row[part.clone()], vectors, part.start);
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

/// Sums over the cells of each column. A task a block: few partial sums, and the home columns are the same for its rows.
fn along_columns<T: Cell>(z: ArrayView2<T>, bounds: &[usize], weights: &[Vec<f64>]) -> Vec<Array1<f64>> {
    let n = z.nrows();
    let parts: Vec<Vec<Vec<f64>>> = bounds
        .par_windows(2)
        .map(|bounds| {
            let mut sums = vec![vec![0.0; n]; weights.len()];
            for row in bounds[0]..bounds[1] {
                for part in [0..bounds[0], bounds[1]..n] {
                    let flows = z.slice(s![row, part.clone()]);
                    let flows = simd::contiguous(flows);
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        simd::add_scaled(&mut sum[part.clone()], weights[row], &flows);
                    }
                }
            }
            sums
        })
        .collect();
    let mut totals = vec![vec![0.0; n]; weights.len()];
    for part in &parts {
        totals.iter_mut().zip(part).for_each(|(total, sum)| simd::add_scaled(total, 1.0, sum));
    }
    totals.into_iter().map(Array1::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn sums_of_a_matrix_larger_than_a_task() {
        let m = Array2::from_shape_fn((101, 7), |(i, j)| (i * 7 + j) as f64);
        for m in [m.view(), m.t(), m.slice(s![..;-1, ..;2])] {
            let (rows, cols) = sums(m);
            assert_eq!(rows, m.sum_axis(Axis(1)));
            assert_eq!(cols, m.sum_axis(Axis(0)));
            let signed = gross_sums(m.mapv(|e| if e > 300.0 { -e } else { e }).view());
            assert_eq!(Array1::from(signed.rows_absolute), rows);
            assert_eq!(Array1::from(signed.columns_absolute), cols);
            assert!(signed.rows.iter().sum::<f64>() < rows.sum());
            assert_eq!(times(m, Array1::ones(m.ncols()).view()), rows);
        }
    }

    #[test]
    fn all_orders_and_both_precisions_equal_the_plain_products() {
        for bounds in [&[0, 3][..], &[0, 1, 2, 3], &[0, 5, 22, 68], &[0, 40, 80]] {
            let n = bounds[bounds.len() - 1];
            // Cells that single precision holds exactly.
            let z = Array2::from_shape_fn((n, n), |(i, j)| ((i * 7 + j * 5) % 11) as f64 - 2.0);
            let mut abroad = z.clone();
            for pair in bounds.windows(2) {
                abroad.slice_mut(s![pair[0]..pair[1], pair[0]..pair[1]]).fill(0.0);
            }
            let vectors: Vec<Array1<f64>> =
                (0..3).map(|k| Array1::from_shape_fn(n, |i| (i % 5) as f64 - k as f64)).collect();
            let views: Vec<_> = vectors.iter().map(|v| v.view()).collect();
            let by_column = z.t().as_standard_layout().into_owned();
            let mut backwards = z.slice(s![..;-1, ..;-1]).to_owned();
            backwards.invert_axis(Axis(0));
            backwards.invert_axis(Axis(1));
            let single = z.mapv(|e| e as f32);
            for z in [z.view(), by_column.t(), backwards.view()] {
                products(z, bounds, &views).iter().zip(&vectors).for_each(|(f, v)| assert_eq!(f, abroad.dot(v)));
                left_products(z, bounds, &views).iter().zip(&vectors).for_each(|(f, v)| assert_eq!(f, v.dot(&abroad)));
            }
            let found = products(single.view(), bounds, &views);
            found.iter().zip(&vectors).for_each(|(f, v)| assert_eq!(f, abroad.dot(v)));
        }
    }
}
