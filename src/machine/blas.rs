//! The seam to OpenBLAS: the prefixed symbols of the `scipy-openblas32` package, and safe wrappers over views.
//!
//! `ndarray-linalg` calls LAPACK by its usual names (`dgetrf_` ...); the forwards below give it those names, inside this
//! library alone: another LAPACK in the process, such as SciPy's, must neither see them nor take their place.
//! What a product reads may lie in any way; what is written to is row-major, because the crate made it.

use std::ffi::{c_char, c_int};
use std::sync::{Mutex, PoisonError};

use ndarray::{ArrayView2, ArrayViewMut2, Axis, CowArray, Ix2};

use super::interrupt;
use crate::error::Result;

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

/// Who has asked for products on one thread, and the number of threads before.
static ALONE: Mutex<(usize, c_int)> = Mutex::new((0, 1));

/// Products of all threads on one core each, until as many `share_again` as `alone` were called.
pub fn alone() {
    let mut state = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    if state.0 == 0 {
        // SAFETY: it takes no pointers.
        state.1 = unsafe { scipy_openblas_get_num_threads() };
        // SAFETY: the same.
        unsafe { scipy_openblas_set_num_threads(1) };
    }
    state.0 += 1;
}

/// See `alone`.
pub fn share_again() {
    let mut state = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    state.0 = state.0.saturating_sub(1);
    if state.0 == 0 {
        // SAFETY: it takes no pointers.
        unsafe { scipy_openblas_set_num_threads(state.1) };
    }
}

unsafe extern "C" {
    fn scipy_openblas_get_num_threads() -> c_int;
    fn scipy_openblas_set_num_threads(threads: c_int);
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

/// The jump to a routine of OpenBLAS.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
macro_rules! jump {
    () => {
        "jmp {target}@PLT"
    };
}
#[cfg(all(target_os = "linux", not(target_arch = "x86_64")))]
macro_rules! jump {
    () => {
        "b {target}"
    };
}

/// Gives one LAPACK routine its usual name. On Linux, where a name that one library exports takes the place of the same
/// name in others, by a symbol that is hidden from them: a Rust function of that name can't be.
macro_rules! forward {
    ($name:ident => $target:ident ( $($arg:ident : $kind:ty),* ) $(-> $out:ty)?) => {
        unsafe extern "C" {
            fn $target($($arg: $kind),*) $(-> $out)?;
        }
        #[cfg(target_os = "linux")]
        core::arch::global_asm!(
            concat!(".globl ", stringify!($name)),
            concat!(".hidden ", stringify!($name)),
            concat!(".type ", stringify!($name), ", %function"),
            concat!(stringify!($name), ":"),
            jump!(),
            target = sym $target,
        );
        #[cfg(not(target_os = "linux"))]
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($arg: $kind),*) $(-> $out)? {
            // SAFETY: the same routine by another name, so the caller's promise is the same.
            unsafe { $target($($arg),*) }
        }
    };
}

forward!(dgetrf_ => scipy_dgetrf_(m: *const c_int, n: *const c_int, a: *mut f64, lda: *const c_int, ipiv: *mut c_int, info: *mut c_int));
forward!(dgetri_ => scipy_dgetri_(n: *const c_int, a: *mut f64, lda: *const c_int, ipiv: *const c_int, work: *mut f64, lwork: *const c_int, info: *mut c_int));
forward!(dgetrs_ => scipy_dgetrs_(trans: *const c_char, n: *const c_int, nrhs: *const c_int, a: *const f64, lda: *const c_int, ipiv: *const c_int, b: *mut f64, ldb: *const c_int, info: *mut c_int));
forward!(dlange_ => scipy_dlange_(norm: *const c_char, m: *const c_int, n: *const c_int, a: *const f64, lda: *const c_int, work: *mut f64) -> f64);

/// What a product reads: where it lies, whether its columns follow each other instead of its rows, and the step from one
/// to the next.
struct Operand<'a> {
    data: CowArray<'a, f64, Ix2>,
    transposed: c_int,
    step: c_int,
}

/// As it lies if rows or columns follow each other, a copy if not.
fn operand(view: ArrayView2<'_, f64>) -> Operand<'_> {
    if let Some(step) = row_step(&view) {
        return Operand { data: view.into(), transposed: NO_TRANS, step };
    }
    if let Some(step) = row_step(&view.t()) {
        return Operand { data: view.into(), transposed: TRANS, step };
    }
    Operand {
        step: view.ncols().max(1) as c_int,
        transposed: NO_TRANS,
        data: view.as_standard_layout().into_owned().into(),
    }
}

/// The step from row to row where rows are contiguous and follow each other.
fn row_step(view: &ArrayView2<f64>) -> Option<c_int> {
    let (rows, cols) = view.dim();
    let step = if rows <= 1 { cols as isize } else { view.strides()[0] };
    let contiguous = cols <= 1 || view.strides()[1] == 1;
    (contiguous && step >= cols.max(1) as isize || rows == 0 || cols == 0).then_some(step.max(1) as c_int)
}

/// The step of a matrix that the crate has made.
fn own_step(view: ArrayView2<f64>) -> c_int {
    match row_step(&view) {
        Some(step) => step,
        None => unreachable!("the crate makes its matrices row by row"),
    }
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
    let b = operand(b);
    for (a, mut c) in a.axis_chunks_iter(Axis(0), slice).zip(c.axis_chunks_iter_mut(Axis(0), slice)) {
        let (a, ldc) = (operand(a), own_step(c.view()));
        // SAFETY: shapes fit (asserted above); pointers, transpositions and steps are those of the arrays that a, b and
        // c hold or borrow, and c is borrowed for writing.
        unsafe {
            scipy_cblas_dgemm(
                ROW_MAJOR,
                a.transposed,
                b.transposed,
                a.data.nrows() as c_int,
                n as c_int,
                k as c_int,
                alpha,
                a.data.as_ptr(),
                a.step,
                b.data.as_ptr(),
                b.step,
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
    let (lda, ldb) = (own_step(t), own_step(b.view()));
    // SAFETY: shapes fit (asserted above), pointers and steps are those of the views, and b is borrowed for writing.
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
    fn gemm_equals_dot_however_its_factors_lie() -> Result<()> {
        for (m, k, n) in [(7, 5, 4), (1, 5, 1), (3, 1, 2), (1, 1, 1), (4, 0, 2)] {
            let a = Array2::from_shape_fn((m, k), |(i, j)| (i * 3 + j) as f64);
            let b = Array2::from_shape_fn((k, n), |(i, j)| i as f64 - 2.0 * j as f64);
            for (a_lies, b_lies) in (0..4).flat_map(|p| (0..4).map(move |q| (p, q))) {
                let (a, b) = (lying(&a, a_lies), lying(&b, b_lies));
                let mut c = Array2::ones((m, n));
                gemm(2.0, a.view(), b.view(), -1.0, c.view_mut())?;
                assert_eq!(c, a.dot(&b) * 2.0 - 1.0);
            }
        }
        Ok(())
    }

    /// The same values by rows, by columns, backwards, and with gaps between.
    fn lying(m: &Array2<f64>, way: usize) -> CowArray<'static, f64, Ix2> {
        let mut turned = match way {
            0 => return m.clone().into(),
            1 => return m.t().as_standard_layout().into_owned().reversed_axes().into(),
            _ => m.slice(ndarray::s![..;-1, ..]).to_owned(),
        };
        turned.invert_axis(Axis(0));
        if way == 2 {
            return turned.into();
        }
        let mut wide = Array2::zeros((m.nrows(), 2 * m.ncols()));
        wide.slice_mut(ndarray::s![.., ..;2]).assign(m);
        wide.slice_move(ndarray::s![.., ..;2]).into()
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
