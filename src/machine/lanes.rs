//! Several small systems of one order, eliminated side by side: cell by cell, each system in a lane of its own.
//!
//! Without pivoting: a pivot that is not acceptable is reported by lane, and that system must be solved in another way.

use super::simd;

/// Systems side by side.
pub const LANES: usize = 8;
/// One cell of all systems.
pub type Lane = [f64; LANES];

/// The same loops for the baseline of the target and for AVX2, chosen at run time.
macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident / $wide:ident / $body:ident ($($arg:ident : $kind:ty),*) $(-> $out:ty)?) => {
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn $wide ($($arg: $kind),*) $(-> $out)? {
            $body::<true>($($arg),*)
        }

        $(#[$doc])*
        pub fn $name ($($arg: $kind),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            if simd::is_wide() {
                // SAFETY: the features were just asked for.
                return unsafe { $wide($($arg),*) };
            }
            $body::<false>($($arg),*)
        }
    };
}

dispatch!(
    /// Replace `cells` (order x order) by its factors, unit lower triangle and upper triangle, and `pivots` by the
    /// reciprocals of the pivots; which lanes met a pivot that is no more than `least`, or not finite.
    eliminate / eliminate_wide / eliminate_body (cells: &mut [Lane], pivots: &mut [Lane], least: f64) -> [bool; LANES]
);
dispatch!(
    /// Replace `b` by the solution of `m z = b`, given the factors of m.
    substitute / substitute_wide / substitute_body (cells: &[Lane], pivots: &[Lane], b: &mut [Lane])
);
dispatch!(
    /// Replace `b` by the solution of `m' z = b`, given the factors of m.
    substitute_transposed / substitute_transposed_wide / substitute_transposed_body (
        cells: &[Lane], pivots: &[Lane], b: &mut [Lane]
    )
);

/// `target -= factor * row`, lane by lane.
#[inline(always)]
fn subtract<const WIDE: bool>(target: &mut [Lane], factor: Lane, row: &[Lane]) {
    for (target, row) in target.iter_mut().zip(row) {
        *target = minus::<WIDE>(*target, factor, *row);
    }
}

/// `value - factor * row`. Written out for AVX2: left to itself, the compiler takes lane after lane.
#[inline(always)]
fn minus<const WIDE: bool>(value: Lane, factor: Lane, row: Lane) -> Lane {
    #[cfg(target_arch = "x86_64")]
    if WIDE {
        // SAFETY: WIDE is what a function with these features says.
        return unsafe { minus_wide(value, factor, row) };
    }
    std::array::from_fn(|lane| value[lane] - factor[lane] * row[lane])
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[inline]
fn minus_wide(value: Lane, factor: Lane, row: Lane) -> Lane {
    use std::arch::x86_64::{__m256d, _mm256_fnmadd_pd};
    // SAFETY: two registers of four numbers are eight numbers.
    let [value, factor, row] =
        [value, factor, row].map(|lane| unsafe { std::mem::transmute::<Lane, [__m256d; 2]>(lane) });
    let out = [0, 1].map(|half| _mm256_fnmadd_pd(factor[half], row[half], value[half]));
    // SAFETY: the same.
    unsafe { std::mem::transmute(out) }
}

#[inline(always)]
fn eliminate_body<const WIDE: bool>(cells: &mut [Lane], pivots: &mut [Lane], least: f64) -> [bool; LANES] {
    let n = pivots.len();
    let mut failed = [false; LANES];
    for i in (0..n).step_by(2) {
        let (above, below) = cells.split_at_mut(i * n);
        let (first, second) = below.split_at_mut(n);
        if i + 1 == n {
            for (k, upper) in above.chunks_exact(n).enumerate() {
                first[k] = times(first[k], pivots[k]);
                let (factor, rest) = (first[k], k + 1..);
                subtract::<WIDE>(&mut first[rest.clone()], factor, &upper[rest]);
            }
            pivots[i] = reciprocal(first[i], least, &mut failed);
            break;
        }
        reduce_two::<WIDE>(first, second, pivots, above);
        pivots[i] = reciprocal(first[i], least, &mut failed);
        second[i] = times(second[i], pivots[i]);
        let factor = second[i];
        subtract::<WIDE>(&mut second[i + 1..n], factor, &first[i + 1..]);
        pivots[i + 1] = reciprocal(second[i + 1], least, &mut failed);
    }
    failed
}

/// The rows above subtracted from two rows: what is loaded of them serves both, and two of them are subtracted before a
/// cell is stored.
#[inline(always)]
fn reduce_two<const WIDE: bool>(first: &mut [Lane], second: &mut [Lane], pivots: &[Lane], above: &[Lane]) {
    for (i, uppers) in above.chunks_exact(2 * first.len()).enumerate() {
        let (upper, lower) = uppers.split_at(first.len());
        let (k, rest) = (2 * i, 2 * i + 2..);
        let [f, g] = [&mut *first, &mut *second].map(|row| {
            row[k] = times(row[k], pivots[k]);
            row[k + 1] = times(minus::<WIDE>(row[k + 1], row[k], upper[k + 1]), pivots[k + 1]);
            [row[k], row[k + 1]]
        });
        let rows = first[rest.clone()].iter_mut().zip(&mut second[rest.clone()]);
        for ((a, b), (u, l)) in rows.zip(upper[rest.clone()].iter().zip(&lower[rest])) {
            *a = minus::<WIDE>(minus::<WIDE>(*a, f[0], *u), f[1], *l);
            *b = minus::<WIDE>(minus::<WIDE>(*b, g[0], *u), g[1], *l);
        }
    }
}

#[inline(always)]
fn times(a: Lane, b: Lane) -> Lane {
    std::array::from_fn(|lane| a[lane] * b[lane])
}

/// `1 / pivot`; what has failed goes on with numbers that disturb nobody.
#[inline(always)]
fn reciprocal(pivot: Lane, least: f64, failed: &mut [bool; LANES]) -> Lane {
    std::array::from_fn(|lane| {
        let good = pivot[lane] > least && pivot[lane].is_finite();
        failed[lane] |= !good;
        if good { 1.0 / pivot[lane] } else { 0.0 }
    })
}

#[inline(always)]
fn substitute_body<const WIDE: bool>(cells: &[Lane], pivots: &[Lane], b: &mut [Lane]) {
    let n = pivots.len();
    for i in 1..n {
        let (known, rest) = b.split_at_mut(i);
        rest[0] = reduced::<WIDE>(rest[0], &cells[i * n..i * n + i], known);
    }
    for i in (0..n).rev() {
        let (head, known) = b.split_at_mut(i + 1);
        let mut found = reduced::<WIDE>(head[i], &cells[i * n + i + 1..(i + 1) * n], known);
        for lane in 0..LANES {
            found[lane] *= pivots[i][lane];
        }
        head[i] = found;
    }
}

/// `value - row . known`, in two sums so that one product need not wait for the other.
#[inline(always)]
fn reduced<const WIDE: bool>(value: Lane, row: &[Lane], known: &[Lane]) -> Lane {
    let (mut even, mut odd) = (value, [0.0; LANES]);
    let (pairs, last) = row.as_chunks::<2>();
    let (known_pairs, known_last) = known.as_chunks::<2>();
    for (row, known) in pairs.iter().zip(known_pairs) {
        even = minus::<WIDE>(even, row[0], known[0]);
        odd = minus::<WIDE>(odd, row[1], known[1]);
    }
    for (row, known) in last.iter().zip(known_last) {
        even = minus::<WIDE>(even, *row, *known);
    }
    std::array::from_fn(|lane| even[lane] + odd[lane])
}

#[inline(always)]
fn substitute_transposed_body<const WIDE: bool>(cells: &[Lane], pivots: &[Lane], b: &mut [Lane]) {
    let n = pivots.len();
    for i in 0..n {
        let (head, rest) = b.split_at_mut(i + 1);
        for lane in 0..LANES {
            head[i][lane] *= pivots[i][lane];
        }
        subtract::<WIDE>(rest, head[i], &cells[i * n + i + 1..(i + 1) * n]);
    }
    for i in (1..n).rev() {
        let (head, rest) = b.split_at_mut(i);
        subtract::<WIDE>(head, rest[0], &cells[i * n..i * n + i]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cell (i, j) of the system of a lane: diagonally dominant.
    fn cell(i: usize, j: usize, lane: usize, n: usize) -> f64 {
        let raw = ((i * 31 + j * 17 + lane * 7) % 23) as f64 / 23.0;
        f64::from(i == j) - 0.9 * raw / n as f64
    }

    #[test]
    fn solutions_at_every_kind_of_order() {
        for n in [1, 2, 3, 7, 8, 35, 50] {
            let mut cells: Vec<Lane> =
                (0..n * n).map(|k| std::array::from_fn(|lane| cell(k / n, k % n, lane, n))).collect();
            let mut pivots = vec![[0.0; LANES]; n];
            assert_eq!(eliminate(&mut cells, &mut pivots, 1e-14), [false; LANES], "n = {n}");
            let wanted = |i: usize, lane: usize| ((i * 5 + lane) % 9) as f64 - 3.0;
            for transposed in [false, true] {
                let mut b: Vec<Lane> = (0..n)
                    .map(|i| {
                        std::array::from_fn(|lane| {
                            let at = |j| if transposed { cell(j, i, lane, n) } else { cell(i, j, lane, n) };
                            (0..n).map(|j| at(j) * wanted(j, lane)).sum()
                        })
                    })
                    .collect();
                let solve = if transposed { substitute_transposed } else { substitute };
                solve(&cells, &pivots, &mut b);
                for (i, found) in b.iter().enumerate() {
                    for (lane, found) in found.iter().enumerate() {
                        assert!((found - wanted(i, lane)).abs() < 1e-12, "n = {n}, transposed = {transposed}");
                    }
                }
            }
        }
    }

    #[test]
    fn without_wide_registers_it_is_the_same() {
        for n in [1, 2, 7, 8] {
            let cells: Vec<Lane> =
                (0..n * n).map(|k| std::array::from_fn(|lane| cell(k / n, k % n, lane, n))).collect();
            let (mut one, mut other) = (cells.clone(), cells);
            let (mut p, mut q) = (vec![[0.0; LANES]; n], vec![[0.0; LANES]; n]);
            assert_eq!(eliminate_body::<false>(&mut one, &mut p, 1e-14), eliminate(&mut other, &mut q, 1e-14));
            let (mut b, mut c) = (vec![[1.0; LANES]; n], vec![[1.0; LANES]; n]);
            substitute_body::<false>(&one, &p, &mut b);
            substitute(&other, &q, &mut c);
            substitute_transposed_body::<false>(&one, &p, &mut b);
            substitute_transposed(&other, &q, &mut c);
            let near =
                |a: &[Lane], b: &[Lane]| a.iter().flatten().zip(b.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-12);
            assert!(near(&one, &other) && near(&p, &q) && near(&b, &c), "n = {n}");
        }
    }

    #[test]
    fn a_bad_pivot_is_of_its_lane_alone() {
        let mut cells: Vec<Lane> = [[0.1, -0.4], [-0.4, 0.1]]
            .concat()
            .into_iter()
            .enumerate()
            .map(|(k, bad)| std::array::from_fn(|lane| if lane == 3 { bad } else { f64::from(k % 3 == 0) }))
            .collect();
        let mut pivots = vec![[0.0; LANES]; 2];
        let failed = eliminate(&mut cells, &mut pivots, 1e-14);
        assert_eq!(failed, std::array::from_fn(|lane| lane == 3));
        let mut b = vec![[2.0; LANES]; 2];
        substitute(&cells, &pivots, &mut b);
        assert!(b.iter().flat_map(|b| b.iter().enumerate()).all(|(lane, b)| lane == 3 || *b == 2.0));
    }
}
