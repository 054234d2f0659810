//! Large arrays on large pages: a first touch of 4 kB pages costs an inverse up to a tenth of its time.

use ndarray::Array2;

/// Zeros, on large pages where the system has them to give.
pub fn zeros(length: usize) -> Vec<f64> {
    let mut values = vec![0.0; length];
    advise(&mut values);
    values
}

/// A matrix of zeros, on large pages where the system has them to give.
pub fn zero_matrix(rows: usize, cols: usize) -> Array2<f64> {
    // The length is rows * cols, so a shape error can't come up.
    Array2::from_shape_vec((rows, cols), zeros(rows * cols)).unwrap_or_else(|_| Array2::zeros((rows, cols)))
}

#[cfg(target_os = "linux")]
fn advise(values: &mut [f64]) {
    const PAGE: usize = 4096;
    // Smaller ones aren't taken from the system anew each time.
    const LARGE: usize = 4 << 20;
    let bytes = std::mem::size_of_val(values);
    if bytes < LARGE {
        return;
    }
    let start = values.as_mut_ptr().cast::<u8>();
    let skip = start.align_offset(PAGE);
    // SAFETY: whole pages inside `values`, which lives on; advice changes no contents, and a refusal does no harm.
    unsafe { libc::madvise(start.add(skip).cast(), (bytes - skip) / PAGE * PAGE, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn advise(_: &mut [f64]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_of_small_and_large_sizes() {
        for n in [0, 1, 1000] {
            let m = zero_matrix(n, n + 1);
            assert!(m.dim() == (n, n + 1) && m.iter().all(|e| *e == 0.0));
        }
    }
}
