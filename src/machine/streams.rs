//! Several rows of a matrix at once. Memory answers several streams twice as fast as one, and what is loaded of a vector
//! serves all of them.
//!
//! Each row is summed in lanes of its own, and groups begin where tasks begin: the number of threads changes no digit.

use std::borrow::Cow;
use std::ops::Range;

use ndarray::ArrayView2;

use super::simd::{self, Cell};

/// Rows at once.
pub const STREAMS: usize = 6;

/// Rows of a matrix as they lie, one after the other, from `first` on; the last one stands in where fewer are left.
pub fn side_by_side<T>(rows: &[T], width: usize, first: usize) -> [&[T]; STREAMS] {
    let last = rows.len().checked_div(width).map_or(0, |count| count - 1);
    std::array::from_fn(|k| {
        let row = (first + k).min(last);
        &rows[row * width..(row + 1) * width]
    })
}

/// All cells row by row: copied only where they don't lie so.
pub fn flat<T: Cell>(rows: ArrayView2<'_, T>) -> Cow<'_, [T]> {
    rows.to_slice().map_or_else(|| rows.iter().copied().collect::<Vec<_>>().into(), Cow::from)
}

/// First rows of the groups of so many rows, each with how many there are.
pub fn groups(rows: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).step_by(STREAMS).map(move |first| (first, STREAMS.min(rows - first)))
}

/// Dot products of each row with each vector over these columns.
pub fn dots<T: Cell, const K: usize>(
    rows: [&[T]; STREAMS],
    vectors: [&[f64]; K],
    columns: [Range<usize>; 2],
) -> [[f64; K]; STREAMS] {
    #[cfg(target_arch = "x86_64")]
    if simd::is_wide() {
        // SAFETY: the features were just asked for.
        return unsafe { wide::dots(rows, vectors, columns) };
    }
    plain::dots(rows, vectors, columns)
}

/// `target += sum of factor * row`, for each target with its factors, over the length of the first target.
pub fn add_scaled<T: Cell, const K: usize>(
    targets: [&mut [f64]; K],
    factors: [[f64; STREAMS]; K],
    rows: [&[T]; STREAMS],
) {
    #[cfg(target_arch = "x86_64")]
    if simd::is_wide() {
        // SAFETY: the features were just asked for.
        return unsafe { wide::add_scaled(targets, factors, rows) };
    }
    plain::add_scaled(targets, factors, rows);
}

/// Column sums, and column sums without signs.
pub type Sums<'a> = (&'a mut [f64], &'a mut [f64]);

/// The first `count` rows added to one vector and without signs to another; the sum of each row, and without signs.
pub fn add_gross<T: Cell>(sums: Sums, rows: [&[T]; STREAMS], count: usize) -> [(f64, f64); STREAMS] {
    #[cfg(target_arch = "x86_64")]
    if count == STREAMS && simd::is_wide() {
        // SAFETY: the features were just asked for.
        return unsafe { wide::add_gross(sums, rows) };
    }
    plain::add_gross(sums, rows, count)
}

/// Row by row, for machines without AVX2.
mod plain {
    use std::ops::Range;

    use super::{STREAMS, Sums};
    use crate::machine::simd::{self, Cell};

    pub(super) fn dots<T: Cell, const K: usize>(
        rows: [&[T]; STREAMS],
        vectors: [&[f64]; K],
        columns: [Range<usize>; 2],
    ) -> [[f64; K]; STREAMS] {
        let over =
            |row: &[T], vector: &[f64], part: &Range<usize>| simd::dot(&row[part.clone()], &vector[part.clone()]);
        rows.map(|row| vectors.map(|vector| columns.iter().map(|part| over(row, vector, part)).sum()))
    }

    pub(super) fn add_scaled<T: Cell, const K: usize>(
        targets: [&mut [f64]; K],
        factors: [[f64; STREAMS]; K],
        rows: [&[T]; STREAMS],
    ) {
        for (target, factors) in targets.into_iter().zip(factors) {
            rows.iter().zip(factors).for_each(|(row, factor)| simd::add_scaled(target, factor, row));
        }
    }

    pub(super) fn add_gross<T: Cell>(
        (signed, absolute): Sums,
        rows: [&[T]; STREAMS],
        count: usize,
    ) -> [(f64, f64); STREAMS] {
        let mut found = [(0.0, 0.0); STREAMS];
        for (found, row) in found.iter_mut().zip(rows).take(count) {
            *found = simd::add_gross((&mut *signed, &mut *absolute), row);
        }
        found
    }
}

/// Written out: left to itself, the compiler pairs sums in registers of two, and takes three times as long. It keeps sums in
/// registers only where loops over them are counted.
#[allow(clippy::needless_range_loop)]
#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{
        __m256d, _mm256_add_pd, _mm256_andnot_pd, _mm256_fmadd_pd, _mm256_set1_pd, _mm256_setr_pd, _mm256_setzero_pd,
    };

    use std::ops::Range;

    use super::{STREAMS, Sums};
    use crate::machine::simd::Cell;

    #[target_feature(enable = "avx2,fma")]
    fn four<T: Cell>(cells: &[T; 4]) -> __m256d {
        _mm256_setr_pd(cells[0].widen(), cells[1].widen(), cells[2].widen(), cells[3].widen())
    }

    #[target_feature(enable = "avx2,fma")]
    fn as_cells(lanes: __m256d) -> [f64; 4] {
        // SAFETY: four numbers side by side are an array of four.
        unsafe { std::mem::transmute(lanes) }
    }

    #[target_feature(enable = "avx2,fma")]
    fn added(lanes: __m256d) -> f64 {
        let [a, b, c, d] = as_cells(lanes);
        (a + c) + (b + d)
    }

    /// Cells 4 i to 4 i + 3 of a slice that is known to have them.
    ///
    /// # Safety
    /// The slice has at least 4 i + 4 cells.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn at<T: Cell>(cells: &[T], i: usize) -> __m256d {
        // SAFETY: the caller says so.
        four(unsafe { &*cells.as_ptr().add(4 * i).cast::<[T; 4]>() })
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn dots<T: Cell, const K: usize>(
        rows: [&[T]; STREAMS],
        vectors: [&[f64]; K],
        columns: [Range<usize>; 2],
    ) -> [[f64; K]; STREAMS] {
        let mut sums = [[_mm256_setzero_pd(); K]; STREAMS];
        let mut rest = [[0.0; K]; STREAMS];
        for part in columns {
            let (rows, vectors) = (rows.map(|row| &row[part.clone()]), vectors.map(|vector| &vector[part.clone()]));
            let whole = part.len() / 4;
            for i in 0..whole {
                let mut factors = [_mm256_setzero_pd(); K];
                for k in 0..K {
                    // SAFETY: all were cut to the length of the part above.
                    factors[k] = unsafe { at(vectors[k], i) };
                }
                for r in 0..STREAMS {
                    // SAFETY: the same.
                    let cells = unsafe { at(rows[r], i) };
                    for k in 0..K {
                        sums[r][k] = _mm256_fmadd_pd(cells, factors[k], sums[r][k]);
                    }
                }
            }
            for r in 0..STREAMS {
                for k in 0..K {
                    let last = rows[r][4 * whole..].iter().zip(&vectors[k][4 * whole..]);
                    rest[r][k] += last.map(|(cell, factor)| cell.widen() * factor).sum::<f64>();
                }
            }
        }
        let mut out = rest;
        for r in 0..STREAMS {
            for k in 0..K {
                out[r][k] += added(sums[r][k]);
            }
        }
        out
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn add_scaled<T: Cell, const K: usize>(
        targets: [&mut [f64]; K],
        factors: [[f64; STREAMS]; K],
        rows: [&[T]; STREAMS],
    ) {
        let length = targets[0].len();
        let rows = rows.map(|row| &row[..length]);
        targets.iter().for_each(|target| assert!(target.len() == length, "targets of one length"));
        let scales = factors.map(|factors| factors.map(|factor| _mm256_set1_pd(factor)));
        for i in 0..length / 4 {
            let mut sums = [_mm256_setzero_pd(); K];
            for k in 0..K {
                // SAFETY: all have `length` cells.
                sums[k] = unsafe { at(targets[k], i) };
            }
            for r in 0..STREAMS {
                // SAFETY: the same.
                let cells = unsafe { at(rows[r], i) };
                for k in 0..K {
                    sums[k] = _mm256_fmadd_pd(cells, scales[k][r], sums[k]);
                }
            }
            for k in 0..K {
                targets[k][4 * i..4 * i + 4].copy_from_slice(&as_cells(sums[k]));
            }
        }
        for j in length / 4 * 4..length {
            for k in 0..K {
                for r in 0..STREAMS {
                    targets[k][j] += factors[k][r] * rows[r][j].widen();
                }
            }
        }
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn add_gross<T: Cell>((signed, absolute): Sums, rows: [&[T]; STREAMS]) -> [(f64, f64); STREAMS] {
        let length = signed.len();
        let (rows, absolute) = (rows.map(|row| &row[..length]), &mut absolute[..length]);
        let ((signed, signed_rest), (absolute, absolute_rest)) =
            (signed.as_chunks_mut::<4>(), absolute.as_chunks_mut::<4>());
        let mut sums = [[_mm256_setzero_pd(); 2]; STREAMS];
        for (i, (signed, absolute)) in signed.iter_mut().zip(absolute).enumerate() {
            let (mut with, mut without) = (four(signed), four(absolute));
            for r in 0..STREAMS {
                // SAFETY: rows were cut to the length of the sums above.
                let cells = unsafe { at(rows[r], i) };
                let size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), cells);
                (with, without) = (_mm256_add_pd(with, cells), _mm256_add_pd(without, size));
                sums[r] = [_mm256_add_pd(sums[r][0], cells), _mm256_add_pd(sums[r][1], size)];
            }
            (*signed, *absolute) = (as_cells(with), as_cells(without));
        }
        let mut out = [(0.0, 0.0); STREAMS];
        for r in 0..STREAMS {
            out[r] = (added(sums[r][0]), added(sums[r][1]));
            for (k, cell) in rows[r][length / 4 * 4..].iter().map(|cell| cell.widen()).enumerate() {
                signed_rest[k] += cell;
                absolute_rest[k] += cell.abs();
                out[r] = (out[r].0 + cell, out[r].1 + cell.abs());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn without_wide_registers_it_is_the_same() {
        for columns in [1, 4, 19] {
            let m = Array2::from_shape_fn((STREAMS, columns), |(i, j)| ((i * 5 + j * 3) % 7) as f64 - 2.0);
            let (cells, twos) = (flat(m.view()), vec![2.0; columns]);
            let rows = side_by_side(&cells, columns, 0);
            let parts = || [0..columns / 3, columns / 2..columns];
            assert_eq!(plain::dots(rows, [&twos[..]], parts()), dots(rows, [&twos[..]], parts()));
            let factors = std::array::from_fn(|k| k as f64);
            let (mut one, mut other) = (twos.clone(), twos.clone());
            plain::add_scaled([&mut one], [factors], rows);
            add_scaled([&mut other], [factors], rows);
            assert_eq!(one, other);
            let mut sums = [0, 1, 2, 3].map(|_| vec![1.0; columns]);
            let [a, b, c, d] = &mut sums;
            assert_eq!(plain::add_gross((a, b), rows, STREAMS), add_gross((c, d), rows, STREAMS));
            assert_eq!((&sums[0], &sums[1]), (&sums[2], &sums[3]));
        }
    }

    #[test]
    fn every_length_and_every_group_equal_the_plain_sums() {
        for columns in [1, 3, 4, 5, 16, 19, 35] {
            let m = Array2::from_shape_fn((7, columns), |(i, j)| ((i * 5 + j * 3) % 7) as f64 - 2.0);
            let single = m.mapv(|e| e as f32);
            let (wide, narrow) = (flat(m.view()), flat(single.view()));
            let vectors = [vec![2.0; columns], (0..columns).map(|k| k as f64).collect()];
            let both = || vectors.each_ref().map(|v| &v[..]);
            let (mut sums, mut absolute) = (vec![0.0; columns], vec![0.0; columns]);
            let (mut scaled, mut twice) = (vec![1.0; columns], vec![2.0; columns]);
            for (first, count) in groups(m.nrows()) {
                let rows = side_by_side(&wide, columns, first);
                let narrow = side_by_side(&narrow, columns, first);
                let parts = || [0..columns / 2, columns / 2 + 1..columns];
                let products = dots(rows, both(), parts());
                assert_eq!(products, dots(narrow, both(), parts()));
                let found = add_gross((&mut sums, &mut absolute), rows, count);
                for k in 0..count {
                    let row = m.row(first + k);
                    let cells = || row.iter().enumerate().filter(|(j, _)| *j != columns / 2);
                    let plain = both().map(|v| cells().map(|(j, a)| a * v[j]).sum::<f64>());
                    assert_eq!(products[k], plain);
                    assert_eq!(found[k], (row.sum(), row.mapv(f64::abs).sum()));
                }
                let factors = std::array::from_fn(|k| if k < count { 2.0 } else { 0.0 });
                add_scaled([&mut scaled, &mut twice], [factors, factors.map(|factor| 2.0 * factor)], rows);
            }
            for j in 0..columns {
                let column = m.column(j);
                assert_eq!((sums[j], absolute[j]), (column.sum(), column.mapv(f64::abs).sum()));
                assert_eq!((scaled[j], twice[j]), (1.0 + 2.0 * column.sum(), 2.0 + 4.0 * column.sum()));
            }
        }
    }
}
