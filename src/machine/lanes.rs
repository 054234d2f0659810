//! Several small systems of one order, eliminated side by side: cell by cell, each system in a lane of its own.
//!
//! Without pivoting: a pivot that is not acceptable is reported by lane, and that system must be solved in another way.

use super::simd::dispatch;

/// Systems side by side.
pub const LANES: usize = 8;
/// One cell of all systems.
pub type Lane = [f64; LANES];

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
fn subtract(target: &mut [Lane], factor: Lane, row: &[Lane]) {
    for (target, row) in target.iter_mut().zip(row) {
        for lane in 0..LANES {
            target[lane] -= factor[lane] * row[lane];
        }
    }
}

#[inline(always)]
fn eliminate_body(cells: &mut [Lane], pivots: &mut [Lane], least: f64) -> [bool; LANES] {
    let n = pivots.len();
    let mut failed = [false; LANES];
    for i in 0..n {
        let (above, below) = cells.split_at_mut(i * n);
        let row = &mut below[..n];
        // The row stays close at hand while those above it pass by.
        for (k, upper) in above.chunks_exact(n).enumerate() {
            let mut factor = row[k];
            for lane in 0..LANES {
                factor[lane] *= pivots[k][lane];
            }
            row[k] = factor;
            subtract(&mut row[k + 1..], factor, &upper[k + 1..]);
        }
        for lane in 0..LANES {
            let good = row[i][lane] > least && row[i][lane].is_finite();
            failed[lane] |= !good;
            // What has failed goes on with numbers that disturb nobody.
            pivots[i][lane] = if good { 1.0 / row[i][lane] } else { 0.0 };
        }
    }
    failed
}

#[inline(always)]
fn substitute_body(cells: &[Lane], pivots: &[Lane], b: &mut [Lane]) {
    let n = pivots.len();
    for i in 1..n {
        let (known, rest) = b.split_at_mut(i);
        rest[0] = reduced(rest[0], &cells[i * n..i * n + i], known);
    }
    for i in (0..n).rev() {
        let (head, known) = b.split_at_mut(i + 1);
        let mut found = reduced(head[i], &cells[i * n + i + 1..(i + 1) * n], known);
        for lane in 0..LANES {
            found[lane] *= pivots[i][lane];
        }
        head[i] = found;
    }
}

/// `value - row . known`, lane by lane, in two sums so that one addition need not wait for the other.
#[inline(always)]
fn reduced(value: Lane, row: &[Lane], known: &[Lane]) -> Lane {
    let (mut even, mut odd) = (value, [0.0; LANES]);
    let (pairs, last) = row.as_chunks::<2>();
    let (known_pairs, known_last) = known.as_chunks::<2>();
    for (row, known) in pairs.iter().zip(known_pairs) {
        for lane in 0..LANES {
            even[lane] -= row[0][lane] * known[0][lane];
            odd[lane] += row[1][lane] * known[1][lane];
        }
    }
    for (row, known) in last.iter().zip(known_last) {
        for lane in 0..LANES {
            even[lane] -= row[lane] * known[lane];
        }
    }
    std::array::from_fn(|lane| even[lane] - odd[lane])
}

#[inline(always)]
fn substitute_transposed_body(cells: &[Lane], pivots: &[Lane], b: &mut [Lane]) {
    let n = pivots.len();
    for i in 0..n {
        let (head, rest) = b.split_at_mut(i + 1);
        for lane in 0..LANES {
            head[i][lane] *= pivots[i][lane];
        }
        subtract(rest, head[i], &cells[i * n + i + 1..(i + 1) * n]);
    }
    for i in (1..n).rev() {
        let (head, rest) = b.split_at_mut(i);
        subtract(head, rest[0], &cells[i * n..i * n + i]);
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
