//! Elimination without pivoting: in-place inverse and LU factors by recursion in halves.
//!
//! I - A of a productive economy is an M-matrix: every pivot is positive (Hawkins and Simon 1949) and elimination
//! without exchanges is stable. So the pivots are the productivity test, and all work outside the small leaves is
//! matrix products at the machine's own rate.

use ndarray::{ArrayViewMut1, ArrayViewMut2, Axis, s};

use crate::error::Result;
use crate::machine::blas::{self, Triangle};
use crate::machine::interrupt;
use crate::machine::simd::add_scaled;

/// Blocks up to this order are eliminated by plain loops.
const LEAF: usize = 32;

/// Up to this order, elimination is over in a moment.
const SMALLEST_LOOK: usize = 256;

/// A pivot that is not positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BadPivot(pub f64);

/// Doubles of workspace that `invert` needs for order n.
pub fn workspace(n: usize) -> usize {
    if n <= LEAF {
        return 0;
    }
    let head = split(n);
    // One block is kept while the Schur complement is inverted; a second one is needed only afterwards.
    let block = head * (n - head);
    workspace(head).max(block + workspace(n - head)).max(2 * block)
}

/// Stop here if the call is to end. Small blocks are worked on side by side, where nobody asks.
fn look(n: usize) -> Result<()> {
    if n > SMALLEST_LOOK { interrupt::check() } else { Ok(()) }
}

fn split(n: usize) -> usize {
    (n / 2).div_ceil(LEAF) * LEAF
}

/// Replace `m` by its inverse. Six matrix products a level and nothing else; `work` as `workspace` says.
pub fn invert(m: ArrayViewMut2<f64>, work: &mut [f64]) -> Result<std::result::Result<(), BadPivot>> {
    let n = m.nrows();
    if n <= LEAF {
        return Ok(invert_leaf(m));
    }
    look(n)?;
    let head = split(n);
    let (mut p, mut m12, mut m21, mut q) = quarters(m, head);
    if let Err(bad) = invert(p.view_mut(), work)? {
        return Ok(Err(bad));
    }
    let tail = n - head;
    let (first, rest) = work.split_at_mut(head * tail);
    let mut u = view_mut(first, tail, head);
    blas::gemm(1.0, m21.view(), p.view(), 0.0, u.view_mut())?; // U = M21 P
    blas::gemm(-1.0, u.view(), m12.view(), 1.0, q.view_mut())?; // S = M22 - U M12
    if let Err(bad) = invert(q.view_mut(), rest)? {
        return Ok(Err(bad));
    }
    let mut t = view_mut(rest, head, tail);
    blas::gemm(1.0, p.view(), m12.view(), 0.0, t.view_mut())?; // T = P M12
    blas::gemm(-1.0, q.view(), u.view(), 0.0, m21.view_mut())?; // -Q U
    blas::gemm(-1.0, t.view(), q.view(), 0.0, m12.view_mut())?; // -T Q
    blas::gemm(-1.0, t.view(), m21.view(), 1.0, p.view_mut())?; // P + T Q U
    Ok(Ok(()))
}

fn invert_leaf(mut m: ArrayViewMut2<f64>) -> std::result::Result<(), BadPivot> {
    let n = m.nrows();
    let mut pivot_row = [0.0; LEAF];
    for k in 0..n {
        let pivot = m[[k, k]];
        if !acceptable(pivot) {
            return Err(BadPivot(pivot));
        }
        let scale = 1.0 / pivot;
        m[[k, k]] = 1.0;
        for (target, value) in pivot_row.iter_mut().zip(m.row_mut(k)) {
            *value *= scale;
            *target = *value;
        }
        for (i, mut row) in m.outer_iter_mut().enumerate() {
            if i != k {
                let factor = std::mem::take(&mut row[k]);
                subtract(row, factor, &pivot_row[..n]);
            }
        }
    }
    Ok(())
}

/// Replace `m` by its factors: unit lower triangle and upper triangle.
pub fn factorize(m: ArrayViewMut2<f64>) -> Result<std::result::Result<(), BadPivot>> {
    let n = m.nrows();
    if n <= LEAF {
        return Ok(factorize_leaf(m));
    }
    look(n)?;
    let (mut m11, mut m12, mut m21, mut m22) = quarters(m, split(n));
    if let Err(bad) = factorize(m11.view_mut())? {
        return Ok(Err(bad));
    }
    let slice = blas::columns_per_call(m11.nrows());
    for part in m12.axis_chunks_iter_mut(Axis(1), slice) {
        interrupt::check()?;
        blas::solve_left(Triangle::Lower, false, m11.view(), part);
    }
    for part in m21.axis_chunks_iter_mut(Axis(0), slice) {
        interrupt::check()?;
        blas::solve_right(Triangle::Upper, m11.view(), part);
    }
    blas::gemm(-1.0, m21.view(), m12.view(), 1.0, m22.view_mut())?;
    factorize(m22)
}

fn factorize_leaf(mut m: ArrayViewMut2<f64>) -> std::result::Result<(), BadPivot> {
    let n = m.nrows();
    for k in 0..n {
        let (above, mut below) = m.view_mut().split_at(Axis(0), k + 1);
        let pivot_row = above.row(k);
        let pivot = pivot_row[k];
        if !acceptable(pivot) {
            return Err(BadPivot(pivot));
        }
        let tail = pivot_row.slice_move(s![k + 1..]);
        let Some(tail) = tail.to_slice() else { unreachable!("rows are contiguous") };
        for mut row in below.outer_iter_mut() {
            row[k] /= pivot;
            let factor = row[k];
            subtract(row.slice_mut(s![k + 1..]), factor, tail);
        }
    }
    Ok(())
}

/// Rounding leaves a zero pivot at about 1e-16 of the diagonal's size, which is one.
pub const LEAST_PIVOT: f64 = 1e-14;

fn acceptable(pivot: f64) -> bool {
    pivot > LEAST_PIVOT && pivot.is_finite()
}

/// `row -= factor * other`.
fn subtract(row: ArrayViewMut1<f64>, factor: f64, other: &[f64]) {
    let Some(row) = row.into_slice() else { unreachable!("rows are contiguous") };
    if factor != 0.0 {
        add_scaled(row, -factor, other);
    }
}

type Quarters<'a> = (ArrayViewMut2<'a, f64>, ArrayViewMut2<'a, f64>, ArrayViewMut2<'a, f64>, ArrayViewMut2<'a, f64>);

fn quarters(m: ArrayViewMut2<'_, f64>, head: usize) -> Quarters<'_> {
    let (top, bottom) = m.split_at(Axis(0), head);
    let (m11, m12) = top.split_at(Axis(1), head);
    let (m21, m22) = bottom.split_at(Axis(1), head);
    (m11, m12, m21, m22)
}

/// The start of a workspace as a matrix.
fn view_mut(work: &mut [f64], rows: usize, cols: usize) -> ArrayViewMut2<'_, f64> {
    match ArrayViewMut2::from_shape((rows, cols), &mut work[..rows * cols]) {
        Ok(view) => view,
        Err(_) => unreachable!("the slice is as long as the matrix is large"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn productive(n: usize) -> Array2<f64> {
        let raw = Array2::from_shape_fn((n, n), |(i, j)| (((i * 31 + j * 17) % 23) as f64) / 23.0);
        Array2::eye(n) - raw * (0.9 / n as f64)
    }

    fn distance_from_identity(product: &Array2<f64>) -> f64 {
        (product - &Array2::<f64>::eye(product.nrows())).iter().fold(0.0, |m, e| e.abs().max(m))
    }

    #[test]
    fn inverse_and_factors_at_every_kind_of_size() -> Result<()> {
        for n in [0, 1, 2, 63, 64, 65, 127, 128, 129, 193, 256, 311] {
            let m = productive(n);
            let mut inverse = m.clone();
            let mut work = vec![0.0; workspace(n)];
            assert_eq!(invert(inverse.view_mut(), &mut work)?, Ok(()), "n = {n}");
            assert!(distance_from_identity(&inverse.dot(&m)) < 1e-13, "n = {n}");

            let mut lu = m.clone();
            assert_eq!(factorize(lu.view_mut())?, Ok(()), "n = {n}");
            let lower = Array2::from_shape_fn((n, n), |(i, j)| if i > j { lu[[i, j]] } else { f64::from(i == j) });
            let upper = Array2::from_shape_fn((n, n), |(i, j)| if i <= j { lu[[i, j]] } else { 0.0 });
            assert!((lower.dot(&upper) - &m).iter().all(|e| e.abs() < 1e-14), "n = {n}");
        }
        Ok(())
    }

    #[test]
    fn workspace_stays_near_half_a_matrix() {
        for n in [100, 500, 1435, 2205, 4050, 9800] {
            assert!(workspace(n) as f64 <= 0.5 * (n * n) as f64 * 1.01, "n = {n}");
        }
    }

    #[test]
    fn a_pivot_that_is_not_positive_is_returned() -> Result<()> {
        let m = ndarray::array![[0.1, -0.4], [-0.4, 0.1]];
        assert!(matches!(invert(m.clone().view_mut(), &mut [])?, Err(BadPivot(p)) if p < 0.0));
        assert!(matches!(factorize(m.clone().view_mut())?, Err(BadPivot(p)) if p < 0.0));
        Ok(())
    }
}
