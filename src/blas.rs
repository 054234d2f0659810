//! The seam to OpenBLAS: the prefixed symbols of the `scipy-openblas32` package, and safe wrappers over views.
//!
//! `ndarray-linalg` calls LAPACK by its usual names (`dgetrf_` ...); the forwards below give it those names.
//! Matrices are row-major: a view whose rows are not contiguous is refused by an assertion, because every
//! caller in the crate owns the memory it passes or has looked at its layout.

use std::ffi::{c_char, c_int};

use ndarray::{ArrayView2, ArrayViewMut2, Axis};

use crate::error::Result;
use crate::interrupt;

const ROW_MAJOR: c_int = 101;
const NO_TRANS: c_int = 111;
const TRANS: c_int = 112;
const UPPER: c_int = 121;
const LOWER: c_int = 122;
const NON_UNIT: c_int = 131;
const UNIT: c_int = 132;
const LEFT: c_int = 141;
const RIGHT: c_int = 142;

/// Above this many flops a product is cut into slices, so that Ctrl-C is heard within a second.
const FLOPS_PER_CALL: f64 = 1.5e10;

/// Right-hand sides of a triangular solve that are handled in one call: four times as much, for such a solve reads its
/// triangle anew in each.
pub fn columns_per_call(order: usize) -> usize {
    (4.0 * FLOPS_PER_CALL / (order as f64).powi(2).max(1.0)).clamp(1.0, 1e9) as usize
}

unsafe extern "C" {
    fn scipy_cblas_dgemm(
        layout: c_int,
        trans_a: c_int,
        trans_b: c_int,
        m: c_int,
        n: c_int,
        k: c_int,
        alpha: f64,
        a: *const f64,
        lda: c_int,
        b: *const f64,
        ldb: c_int,
        beta: f64,
        c: *mut f64,
        ldc: c_int,
    );
    fn scipy_cblas_dtrsm(
        layout: c_int,
        side: c_int,
        uplo: c_int,
        trans: c_int,
        diag: c_int,
        m: c_int,
        n: c_int,
        alpha: f64,
        a: *const f64,
        lda: c_int,
        b: *mut f64,
        ldb: c_int,
    );
}

/// Forwards one LAPACK routine from its usual name to the prefixed one.
macro_rules! forward {
    ($name:ident => $target:ident ( $($arg:ident : $kind:ty),* ) $(-> $out:ty)?) => {
        unsafe extern "C" {
            fn $target($($arg: $kind),*) $(-> $out)?;
        }
        /// LAPACK by its usual name, for `ndarray-linalg`.
        ///
        /// # Safety
        /// As the routine of the same name in LAPACK's own documentation.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($arg: $kind),*) $(-> $out)? {
            unsafe { $target($($arg),*) }
        }
    };
}

forward!(dgetrf_ => scipy_dgetrf_(m: *const c_int, n: *const c_int, a: *mut f64, lda: *const c_int, ipiv: *mut c_int, info: *mut c_int));
forward!(dgetri_ => scipy_dgetri_(n: *const c_int, a: *mut f64, lda: *const c_int, ipiv: *const c_int, work: *mut f64, lwork: *const c_int, info: *mut c_int));
forward!(dgetrs_ => scipy_dgetrs_(trans: *const c_char, n: *const c_int, nrhs: *const c_int, a: *const f64, lda: *const c_int, ipiv: *const c_int, b: *mut f64, ldb: *const c_int, info: *mut c_int));
forward!(dlange_ => scipy_dlange_(norm: *const c_char, m: *const c_int, n: *const c_int, a: *const f64, lda: *const c_int, work: *mut f64) -> f64);

fn stride(view: &ArrayView2<f64>, what: &str) -> c_int {
    let (rows, cols) = view.dim();
    assert!(cols <= 1 || view.strides()[1] == 1, "{what}: rows must be contiguous");
    let step = if rows <= 1 { cols as isize } else { view.strides()[0] };
    // Rows that lie backwards or over each other can't be told to BLAS.
    assert!(step >= cols as isize, "{what}: rows must follow each other");
    step.max(1) as c_int
}

/// `c = alpha a b + beta c`.
///
/// Panics if shapes don't fit: they are fixed by the caller, not by the user.
pub fn gemm(alpha: f64, a: ArrayView2<f64>, b: ArrayView2<f64>, beta: f64, mut c: ArrayViewMut2<f64>) -> Result<()> {
    let ((m, k), n) = (a.dim(), b.ncols());
    assert!(b.nrows() == k && c.dim() == (m, n), "gemm: shapes don't fit");
    if m == 0 || n == 0 {
        return Ok(());
    }
    let flops_per_row = 2.0 * n as f64 * k as f64;
    let slice = ((FLOPS_PER_CALL / flops_per_row.max(1.0)) as usize).clamp(1, m);
    for (a, mut c) in a.axis_chunks_iter(Axis(0), slice).zip(c.axis_chunks_iter_mut(Axis(0), slice)) {
        let (lda, ldb, ldc) = (stride(&a, "a"), stride(&b, "b"), stride(&c.view(), "c"));
        // SAFETY: the pointers and leading dimensions describe the views above, which outlive the call.
        unsafe {
            scipy_cblas_dgemm(
                ROW_MAJOR,
                NO_TRANS,
                NO_TRANS,
                a.nrows() as c_int,
                n as c_int,
                k as c_int,
                alpha,
                a.as_ptr(),
                lda,
                b.as_ptr(),
                ldb,
                beta,
                c.as_mut_ptr(),
                ldc,
            );
        }
        if slice < m {
            interrupt::check()?;
        }
    }
    Ok(())
}

/// Which triangle of a factored matrix a solve uses; the lower one has a unit diagonal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Triangle {
    /// Unit lower triangle.
    Lower,
    /// Upper triangle with its diagonal.
    Upper,
}

/// `b <- t^-1 b`, or `t'^-1 b` when `transposed`.
pub fn solve_left(triangle: Triangle, transposed: bool, t: ArrayView2<f64>, b: ArrayViewMut2<f64>) {
    trsm(LEFT, triangle, transposed, t, b);
}

/// `b <- b t^-1`.
pub fn solve_right(triangle: Triangle, t: ArrayView2<f64>, b: ArrayViewMut2<f64>) {
    trsm(RIGHT, triangle, false, t, b);
}

fn trsm(side: c_int, triangle: Triangle, transposed: bool, t: ArrayView2<f64>, mut b: ArrayViewMut2<f64>) {
    let (m, n) = b.dim();
    let order = if side == LEFT { m } else { n };
    assert!(t.dim() == (order, order), "trsm: shapes don't fit");
    if m == 0 || n == 0 {
        return;
    }
    let (uplo, diag) = match triangle {
        Triangle::Lower => (LOWER, UNIT),
        Triangle::Upper => (UPPER, NON_UNIT),
    };
    let trans = if transposed { TRANS } else { NO_TRANS };
    let (lda, ldb) = (stride(&t, "t"), stride(&b.view(), "b"));
    // SAFETY: as in `gemm`.
    unsafe {
        scipy_cblas_dtrsm(
            ROW_MAJOR,
            side,
            uplo,
            trans,
            diag,
            m as c_int,
            n as c_int,
            1.0,
            t.as_ptr(),
            lda,
            b.as_mut_ptr(),
            ldb,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn gemm_equals_dot() -> Result<()> {
        let a = Array2::from_shape_fn((7, 5), |(i, j)| (i * 3 + j) as f64);
        let b = Array2::from_shape_fn((5, 4), |(i, j)| i as f64 - 2.0 * j as f64);
        let mut c = Array2::ones((7, 4));
        gemm(2.0, a.view(), b.view(), -1.0, c.view_mut())?;
        assert_eq!(c, a.dot(&b) * 2.0 - 1.0);
        Ok(())
    }

    #[test]
    fn triangles() {
        let t = array![[2.0, 1.0], [0.5, 4.0]];
        let mut b = array![[4.0], [8.0]];
        solve_left(Triangle::Upper, false, t.view(), b.view_mut());
        assert_eq!(b, array![[1.0], [2.0]]);
        solve_left(Triangle::Lower, true, t.view(), b.view_mut());
        assert_eq!(b, array![[0.0], [2.0]]);
        let mut row = array![[2.0, 9.0]];
        solve_right(Triangle::Upper, t.view(), row.view_mut());
        assert_eq!(row, array![[1.0, 2.0]]);
    }
}
