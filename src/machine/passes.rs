//! Passes over a wide matrix at the speed of memory, in either memory order: sums, and products without the diagonal
//! blocks (of flows: those between regions).
//!
//! Sums run in tasks of fixed size, so threads don't change the result. Blocks are given by their bounds: first rows, and
//! last the number of rows.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::simd::{self, Cell};
use super::streams::{self, STREAMS};

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
    if lies_by_column(matrix) {
        let GrossSums { rows, columns, rows_absolute, columns_absolute } = gross_sums(matrix.reversed_axes());
        return GrossSums {
            rows: columns,
            columns: rows,
            rows_absolute: columns_absolute,
            columns_absolute: rows_absolute,
        };
    }
    let zero = || (vec![0.0; matrix.ncols()], vec![0.0; matrix.ncols()]);
    let parts: Vec<_> = matrix
        .axis_chunks_iter(Axis(0), ROWS_PER_SUM)
        .into_par_iter()
        .map(|chunk| {
            let (mut columns, mut absolute) = zero();
            let mut rows = Vec::with_capacity(chunk.nrows());
            let cells = streams::flat(chunk);
            for (first, count) in streams::groups(chunk.nrows()) {
                let held = streams::side_by_side(&cells, chunk.ncols(), first);
                rows.extend(&streams::add_gross((&mut columns, &mut absolute), held, count)[..count]);
            }
            (rows, (columns, absolute))
        })
        .collect();
    let (mut columns, mut columns_absolute) = zero();
    for (_, (part, absolute)) in &parts {
        simd::add_scaled(&mut columns, 1.0, part);
        simd::add_scaled(&mut columns_absolute, 1.0, absolute);
    }
    let (rows, rows_absolute) = parts.into_iter().flat_map(|(rows, _)| rows).unzip();
    GrossSums { rows, columns, rows_absolute, columns_absolute }
}

/// Row sums and column sums.
pub fn sums<T: Cell>(matrix: ArrayView2<T>) -> (Array1<f64>, Array1<f64>) {
    let sums = gross_sums(matrix);
    (sums.rows.into(), sums.columns.into())
}

/// A matrix times a vector.
pub fn times(matrix: ArrayView2<f64>, vector: ArrayView1<f64>) -> Array1<f64> {
    // No columns are home.
    let whole = Piece { rows: 0..matrix.nrows(), home: 0..0 };
    along_rows(matrix, &cut([whole]), &[vector]).swap_remove(0)
}

/// `Z^F u` for several u in one pass over Z; Z^F is Z without its diagonal blocks.
pub fn products<T: Cell>(z: ArrayView2<T>, bounds: &[usize], vectors: &[ArrayView1<f64>]) -> Vec<Array1<f64>> {
    let tasks = cut(blocks(bounds));
    if lies_by_column(z) { along_columns(z.reversed_axes(), &tasks, vectors) } else { along_rows(z, &tasks, vectors) }
}

/// `u' Z^F` for several u in one pass over Z.
pub fn left_products<T: Cell>(z: ArrayView2<T>, bounds: &[usize], weights: &[ArrayView1<f64>]) -> Vec<Array1<f64>> {
    let tasks = cut(blocks(bounds));
    if lies_by_column(z) { along_rows(z.reversed_axes(), &tasks, weights) } else { along_columns(z, &tasks, weights) }
}

fn lies_by_column<T>(z: ArrayView2<T>) -> bool {
    z.ncols() > 1 && z.strides()[0] == 1
}

/// Rows that leave out the same columns, those of their own block.
struct Piece {
    rows: Range<usize>,
    home: Range<usize>,
}

impl Piece {
    /// The columns that are not left out, of so many.
    fn abroad(&self, columns: usize) -> [Range<usize>; 2] {
        [0..self.home.start, self.home.end..columns]
    }
}

fn blocks(bounds: &[usize]) -> impl Iterator<Item = Piece> {
    bounds.windows(2).map(|pair| Piece { rows: pair[0]..pair[1], home: pair[0]..pair[1] })
}

/// Pieces as tasks of `ROWS_PER_TASK` rows or some more: large ones cut evenly, small ones together.
fn cut(pieces: impl IntoIterator<Item = Piece>) -> Vec<Vec<Piece>> {
    let (mut tasks, mut open, mut held) = (Vec::new(), Vec::new(), 0);
    for Piece { rows, home } in pieces {
        let parts = (rows.len() / ROWS_PER_TASK).max(1);
        for part in 0..parts {
            let [start, end] = [part, part + 1].map(|part| rows.start + part * rows.len() / parts);
            open.push(Piece { rows: start..end, home: home.clone() });
            held += end - start;
            if held >= ROWS_PER_TASK {
                tasks.push(std::mem::take(&mut open));
                held = 0;
            }
        }
    }
    tasks.extend((!open.is_empty()).then_some(open));
    tasks
}

/// Sums over the cells of each row: rows are read once for all vectors, which take them two at a time.
fn along_rows<T: Cell>(z: ArrayView2<T>, tasks: &[Vec<Piece>], vectors: &[ArrayView1<f64>]) -> Vec<Array1<f64>> {
    let vectors: Vec<_> = vectors.iter().map(|vector| simd::contiguous(*vector)).collect();
    let of_task = |task: &Vec<Piece>| {
        let mut found = Vec::with_capacity(vectors.len() * task.iter().map(|piece| piece.rows.len()).sum::<usize>());
        for piece in task {
            let cells = streams::flat(z.slice_move(s![piece.rows.clone(), ..]));
            for (first, count) in streams::groups(piece.rows.len()) {
                let rows = streams::side_by_side(&cells, z.ncols(), first);
                let start = found.len();
                found.resize(start + count * vectors.len(), 0.0);
                for (k, pair) in vectors.chunks(2).enumerate() {
                    let columns = piece.abroad(z.ncols());
                    let out = found[start..].chunks_exact_mut(vectors.len()).map(|row| &mut row[2 * k..]);
                    match pair {
                        [u, v] => put(out, streams::dots(rows, [u, v], columns)),
                        _ => put(out, streams::dots(rows, [&pair[0]], columns)),
                    }
                }
            }
        }
        found
    };
    let parts: Vec<Vec<f64>> = tasks.par_iter().map(of_task).collect();
    let of_vector = |k| parts.iter().flat_map(|part| part.iter().skip(k).step_by(vectors.len()).copied()).collect();
    (0..vectors.len()).map(of_vector).collect()
}

fn put<'a, const K: usize>(rows: impl Iterator<Item = &'a mut [f64]>, products: [[f64; K]; STREAMS]) {
    rows.zip(products).for_each(|(row, products)| row[..K].copy_from_slice(&products));
}

/// Row sums of a matrix with a column for each block, without a row's own.
pub fn sums_abroad(matrix: ArrayView2<f64>, bounds: &[usize]) -> Array1<f64> {
    let own =
        bounds.windows(2).enumerate().map(|(block, pair)| Piece { rows: pair[0]..pair[1], home: block..block + 1 });
    along_rows(matrix, &cut(own), &[Array1::ones(matrix.ncols()).view()]).swap_remove(0)
}

/// Sums over the cells of each column, added up task by task.
fn along_columns<T: Cell>(z: ArrayView2<T>, tasks: &[Vec<Piece>], weights: &[ArrayView1<f64>]) -> Vec<Array1<f64>> {
    let n = z.ncols();
    let parts: Vec<Vec<Vec<f64>>> = tasks
        .par_iter()
        .map(|task| {
            let mut sums = vec![vec![0.0; n]; weights.len()];
            for piece in task {
                let cells = streams::flat(z.slice_move(s![piece.rows.clone(), ..]));
                for (first, count) in streams::groups(piece.rows.len()) {
                    let rows = streams::side_by_side(&cells, n, first);
                    let factors = |weights: &ArrayView1<f64>| {
                        std::array::from_fn(|k| if k < count { weights[piece.rows.start + first + k] } else { 0.0 })
                    };
                    for part in piece.abroad(n) {
                        let rows = rows.map(|row| &row[part.clone()]);
                        for (sums, weights) in sums.chunks_mut(2).zip(weights.chunks(2)) {
                            match (sums, weights) {
                                ([p, q], [u, v]) => {
                                    let sums = [&mut p[part.clone()], &mut q[part.clone()]];
                                    streams::add_scaled(sums, [factors(u), factors(v)], rows);
                                }
                                (sums, weights) => {
                                    streams::add_scaled([&mut sums[0][part.clone()]], [factors(&weights[0])], rows);
                                }
                            }
                        }
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

/// Sums of the rows of each block: as many rows as there are blocks.
pub fn block_sums(matrix: ArrayView2<f64>, bounds: &[usize]) -> Array2<f64> {
    let ones = Array1::ones(matrix.nrows());
    let mut out = Array2::zeros((bounds.len() - 1, matrix.ncols()));
    out.outer_iter_mut().into_par_iter().zip(bounds.par_windows(2)).for_each(|(mut sums, pair)| {
        let rows = s![pair[0]..pair[1], ..];
        sums.assign(&ArrayView1::from(&weighted_sum(matrix.slice_move(rows), ones.slice(s![pair[0]..pair[1]]))));
    });
    out
}

/// The rows of a matrix times their weights, added up.
pub fn weighted_sum<T: Cell>(matrix: ArrayView2<T>, weights: ArrayView1<f64>) -> Vec<f64> {
    let mut sums = vec![0.0; matrix.ncols()];
    let cells = streams::flat(matrix);
    for (first, count) in streams::groups(matrix.nrows()) {
        let factors = std::array::from_fn(|k| if k < count { weights[first + k] } else { 0.0 });
        streams::add_scaled([&mut sums], [factors], streams::side_by_side(&cells, matrix.ncols(), first));
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

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
