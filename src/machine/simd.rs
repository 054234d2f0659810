//! Dot products and row updates for the passes that BLAS has no routine for.
//!
//! The same loops are compiled twice, for the baseline of the target and for AVX2, and chosen at run time. Sums run in
//! a fixed number of lanes, so that the number of threads never changes a result.

use std::borrow::Cow;

use ndarray::ArrayView1;

/// What a table's flows may be stored as; sums always run in double precision.
pub trait Cell: Copy + Send + Sync {
    /// The value in double precision.
    fn widen(self) -> f64;
}

impl Cell for f64 {
    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
}

impl Cell for f32 {
    #[inline(always)]
    fn widen(self) -> f64 {
        Self::into(self)
    }
}

/// Lanes of a sum: two AVX2 registers' worth twice over hides the latency of the addition.
const LANES: usize = 16;

/// Whether the machine has AVX2 and FMA, for which loops are compiled or written a second time.
#[cfg(target_arch = "x86_64")]
pub(super) fn is_wide() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// Compiles `$body` for AVX2 too, and calls the version that the machine has.
macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident / $wide:ident / $body:ident $(<$cell:ident>)?
        ($($arg:ident : $kind:ty),*) $(-> $out:ty)?) => {
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn $wide $(<$cell: Cell>)? ($($arg: $kind),*) $(-> $out)? {
            $body($($arg),*)
        }

        $(#[$doc])*
        pub fn $name $(<$cell: Cell>)? ($($arg: $kind),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            if is_wide() {
                // SAFETY: the features were just asked for.
                return unsafe { $wide($($arg),*) };
            }
            $body($($arg),*)
        }
    };
}

dispatch!(
    /// Sum of products over the shorter of the two.
    dot / dot_wide / dot_body <T> (a: &[T], b: &[f64]) -> f64
);
dispatch!(
    /// `target += factor * row`, over the shorter of the two.
    add_scaled / add_scaled_wide / add_scaled_body <T> (target: &mut [f64], factor: f64, row: &[T])
);

dispatch!(
    /// `target += factor * row`, each factor for one of the equal parts of the row.
    add_blocks / add_blocks_wide / add_blocks_body (target: &mut [f64], factors: &[f64], row: &[f64])
);
dispatch!(
    /// Dot products of the equal parts of two vectors.
    dot_blocks / dot_blocks_wide / dot_blocks_body (out: &mut [f64], a: &[f64], b: &[f64])
);
dispatch!(
    /// A row added to one vector and without signs to another; its sum, and its sum without signs.
    add_gross / add_gross_wide / add_gross_body <T> (sums: (&mut [f64], &mut [f64]), row: &[T]) -> (f64, f64)
);
dispatch!(
    /// `target = -row * scale`; the sum of what is negated and its smallest entry.
    negate / negate_wide / negate_body <T> (target: &mut [f64], row: &[T], scale: &[f64]) -> (f64, f64)
);
dispatch!(
    /// `target += |row|`.
    add_absolute / add_absolute_wide / add_absolute_body (target: &mut [f64], row: &[f64])
);
dispatch!(
    /// `e^x` of each value, to the last digit or one beside it.
    exp / exp_wide / exp_body (values: &mut [f64])
);

/// Whether a row has a cell that is not zero.
pub fn has_any<T: Cell>(row: &[T]) -> bool {
    // Without an early end inside a part, the comparisons run side by side.
    row.chunks(4 * LANES).any(|part| part.iter().fold(false, |any, cell| any | (cell.widen() != 0.0)))
}

/// Have the memory bring a row near while something else is worked on.
pub fn prefetch<T>(row: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in row.chunks(64 / size_of::<T>()) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, of an address inside the row.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
}

/// The values of a view as a slice: copied only where they don't lie side by side.
pub fn contiguous<T: Cell>(row: ArrayView1<'_, T>) -> Cow<'_, [T]> {
    row.to_slice().map_or_else(|| row.to_vec().into(), Cow::from)
}

#[inline(always)]
fn dot_body<T: Cell>(a: &[T], b: &[f64]) -> f64 {
    let length = a.len().min(b.len());
    let (a_whole, a_rest) = a[..length].as_chunks::<LANES>();
    let (b_whole, b_rest) = b[..length].as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (a, b) in a_whole.iter().zip(b_whole) {
        for i in 0..LANES {
            lanes[i] += a[i].widen() * b[i];
        }
    }
    lanes.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a.widen() * b).sum::<f64>()
}

#[inline(always)]
fn add_blocks_body(target: &mut [f64], factors: &[f64], row: &[f64]) {
    let width = row.len() / factors.len().max(1);
    for ((target, factor), row) in target.chunks_exact_mut(width).zip(factors).zip(row.chunks_exact(width)) {
        target.iter_mut().zip(row).for_each(|(t, r)| *t += factor * r);
    }
}

#[inline(always)]
fn dot_blocks_body(out: &mut [f64], a: &[f64], b: &[f64]) {
    const FEW: usize = 4;
    let width = a.len() / out.len().max(1);
    for ((out, a), b) in out.iter_mut().zip(a.chunks_exact(width)).zip(b.chunks_exact(width)) {
        let (a_whole, a_rest) = a.as_chunks::<FEW>();
        let (b_whole, b_rest) = b.as_chunks::<FEW>();
        let mut lanes = [0.0; FEW];
        for (a, b) in a_whole.iter().zip(b_whole) {
            for i in 0..FEW {
                lanes[i] += a[i] * b[i];
            }
        }
        let rest = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>();
        *out = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest;
    }
}

#[inline(always)]
fn add_gross_body<T: Cell>((sums, absolute): (&mut [f64], &mut [f64]), row: &[T]) -> (f64, f64) {
    let length = row.len().min(sums.len()).min(absolute.len());
    let (rows, row_rest) = row[..length].as_chunks::<LANES>();
    let (sums, sum_rest) = sums[..length].as_chunks_mut::<LANES>();
    let (absolute, absolute_rest) = absolute[..length].as_chunks_mut::<LANES>();
    let (mut p, mut q) = ([0.0; LANES], [0.0; LANES]);
    for ((a, s), b) in rows.iter().zip(sums).zip(absolute) {
        for i in 0..LANES {
            let cell = a[i].widen();
            s[i] += cell;
            b[i] += cell.abs();
            p[i] += cell;
            q[i] += cell.abs();
        }
    }
    let rest = row_rest.iter().zip(sum_rest).zip(absolute_rest);
    rest.fold((p.iter().sum(), q.iter().sum()), |(p, q), ((a, s), b)| {
        let cell = a.widen();
        *s += cell;
        *b += cell.abs();
        (p + cell, q + cell.abs())
    })
}

#[inline(always)]
fn negate_body<T: Cell>(target: &mut [f64], row: &[T], scale: &[f64]) -> (f64, f64) {
    let length = row.len().min(target.len()).min(scale.len());
    let (targets, target_rest) = target[..length].as_chunks_mut::<LANES>();
    let (rows, row_rest) = row[..length].as_chunks::<LANES>();
    let (scales, scale_rest) = scale[..length].as_chunks::<LANES>();
    let (mut sums, mut least) = ([0.0; LANES], [f64::MAX; LANES]);
    for ((t, a), s) in targets.iter_mut().zip(rows).zip(scales) {
        for i in 0..LANES {
            let cell = a[i].widen() * s[i];
            t[i] = -cell;
            sums[i] += cell;
            least[i] = if cell < least[i] { cell } else { least[i] };
        }
    }
    let mut out = (sums.iter().sum::<f64>(), least.iter().fold(f64::MAX, |m, e| m.min(*e)));
    for ((t, a), s) in target_rest.iter_mut().zip(row_rest).zip(scale_rest) {
        let cell = a.widen() * s;
        *t = -cell;
        out = (out.0 + cell, out.1.min(cell));
    }
    out
}

#[inline(always)]
fn add_absolute_body(target: &mut [f64], row: &[f64]) {
    for (t, a) in target.iter_mut().zip(row) {
        *t += a.abs();
    }
}

/// 1 / k! of the series of the exponential.
const INVERSE_FACTORIALS: [f64; 14] = {
    let mut out = [1.0; 14];
    let mut k = 1;
    while k < out.len() {
        out[k] = out[k - 1] / k as f64;
        k += 1;
    }
    out
};

/// `2^k e^r` with `x = k ln 2 + r`, so that the Taylor series of the rest ends below the last digit (Cody and Waite 1980):
/// without a branch, several values at once.
#[inline(always)]
fn exp_body(values: &mut [f64]) {
    // Adding this number rounds what is added to a whole number, which its last bits then hold.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    // ln 2 in two parts: k times the first is exact.
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    for x in values {
        // Beyond, e^x is 0 or infinite, but for the smallest numbers.
        let inside = x.clamp(-708.0, 709.0);
        let shifted = inside * std::f64::consts::LOG2_E + WHOLE;
        let k = shifted - WHOLE;
        let r = inside - k * LN_2[0] - k * LN_2[1];
        let mut series = INVERSE_FACTORIALS[13];
        for k in (0..13).rev() {
            series = series * r + INVERSE_FACTORIALS[k];
        }
        *x = series * f64::from_bits((shifted.to_bits() << 52).wrapping_add(1.0_f64.to_bits()));
    }
}

#[inline(always)]
fn add_scaled_body<T: Cell>(target: &mut [f64], factor: f64, row: &[T]) {
    for (t, r) in target.iter_mut().zip(row) {
        *t += factor * r.widen();
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

    #[test]
    fn negatives_at_every_length() {
        for n in [1, 15, 16, 17, 33] {
            let row: Vec<f64> = (0..n).map(|k| f64::from(k) - 3.0).collect();
            let (mut target, mut sums) = (vec![9.0; row.len()], vec![1.0; row.len()]);
            assert_eq!(negate(&mut target, &row, &vec![1.0; row.len()]), (row.iter().sum(), -3.0));
            add_absolute(&mut sums, &target);
            for ((t, s), a) in target.iter().zip(&sums).zip(&row) {
                assert_eq!((*t, *s), (-a, 1.0 + a.abs()));
            }
        }
    }

    #[test]
    fn exponentials_are_those_of_the_library() {
        let mut values: Vec<f64> = (-7000..=7000).map(|k| f64::from(k) / 10.0 + 1e-3).collect();
        values.extend([0.0, -0.0, 1e-300, 1e-17, std::f64::consts::LN_2, -40.0 * std::f64::consts::LN_2]);
        let wanted: Vec<f64> = values.iter().map(|x| x.exp()).collect();
        exp(&mut values);
        for (found, wanted) in values.iter().zip(&wanted) {
            assert!((found / wanted - 1.0).abs() <= 4.0 * f64::EPSILON, "{found} {wanted}");
        }
    }
}
