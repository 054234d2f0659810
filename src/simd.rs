//! Dot products and row updates for the passes that BLAS has no routine for.
//!
//! The same loops are compiled twice, for the baseline of the target and for AVX2, and chosen at run time. Sums run in
//! a fixed number of lanes, so that the number of threads never changes a result.

use ndarray::{ArrayView1, ArrayViewMut1};

/// Lanes of a sum: two AVX2 registers' worth twice over hides the latency of the addition.
const LANES: usize = 16;

/// Compiles `$body` for AVX2 too, and calls the version that the machine has.
macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident / $wide:ident / $body:ident ($($arg:ident : $kind:ty),*) $(-> $out:ty)?) => {
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn $wide($($arg: $kind),*) $(-> $out)? {
            $body($($arg),*)
        }

        $(#[$doc])*
        pub fn $name($($arg: $kind),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                // SAFETY: the features were just detected.
                return unsafe { $wide($($arg),*) };
            }
            $body($($arg),*)
        }
    };
}

dispatch!(
    /// Sum of products over the shorter of the two.
    dot / dot_wide / dot_body (a: &[f64], b: &[f64]) -> f64
);
dispatch!(
    /// `target += factor * row`, over the shorter of the two.
    add_scaled / add_scaled_wide / add_scaled_body (target: &mut [f64], factor: f64, row: &[f64])
);

/// Dot product of two views, fast where memory is contiguous.
pub fn product(a: ArrayView1<f64>, b: ArrayView1<f64>) -> f64 {
    match (a.to_slice(), b.to_slice()) {
        (Some(a), Some(b)) => dot(a, b),
        _ => a.dot(&b),
    }
}

/// `target += factor * row` of two views, fast where memory is contiguous.
pub fn accumulate(mut target: ArrayViewMut1<f64>, factor: f64, row: ArrayView1<f64>) {
    match (target.as_slice_mut(), row.to_slice()) {
        (Some(target), Some(row)) => add_scaled(target, factor, row),
        _ => target.scaled_add(factor, &row),
    }
}

#[inline(always)]
fn dot_body(a: &[f64], b: &[f64]) -> f64 {
    let length = a.len().min(b.len());
    let (a_whole, a_rest) = a[..length].as_chunks::<LANES>();
    let (b_whole, b_rest) = b[..length].as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (a, b) in a_whole.iter().zip(b_whole) {
        for i in 0..LANES {
            lanes[i] += a[i] * b[i];
        }
    }
    lanes.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

#[inline(always)]
fn add_scaled_body(target: &mut [f64], factor: f64, row: &[f64]) {
    for (t, r) in target.iter_mut().zip(row) {
        *t += factor * r;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_around_the_lanes() {
        for n in [0, 1, 15, 16, 17, 33, 64] {
            let a: Vec<f64> = (0..n).map(f64::from).collect();
            let squares: f64 = a.iter().map(|v| v * v).sum();
            assert_eq!(dot(&a, &a), squares);
            let mut target = a.clone();
            add_scaled(&mut target, -1.0, &a);
            assert!(target.iter().all(|v| *v == 0.0));
        }
        assert_eq!(dot(&[1.0, 2.0], &[3.0]), 3.0);
    }
}
