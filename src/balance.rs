//! Balancing a table to given margins: GRAS (Junius and Oosterhaven 2003), which is RAS where nothing is negative.
//!
//! Positive cells become `r a s`, negative ones `a / (r s)`, so signs and zeros stay (Lenzen, Wood and Gallego 2007 for
//! rows and columns without positive cells).

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, Zip};
use rayon::prelude::*;

use crate::error::{Error, Margin, Result, expect_shape};
use crate::machine::passes::ROWS_PER_TASK;
use crate::machine::random::{log_normal, stream};
use crate::machine::simd::{add_scaled, add_signed, contiguous, dot, signed_dot};
use crate::machine::{interrupt, memory};

/// How a balance was reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Rounds over rows and columns.
    pub rounds: usize,
    /// Largest gap of a margin, relative to the largest margin.
    pub gap: f64,
}

/// Scale `cells` in place until rows sum to `rows` and columns to `columns`.
///
/// Stops when no margin is off by more than `tolerance` of the largest one. Holds no copy of the matrix.
pub fn gras(
    cells: &mut Array2<f64>,
    rows: ArrayView1<f64>,
    columns: ArrayView1<f64>,
    tolerance: f64,
    most_rounds: usize,
) -> Result<Outcome> {
    expect_shape("row totals", &[rows.len()], &[cells.nrows()])?;
    expect_shape("column totals", &[columns.len()], &[cells.ncols()])?;
    let largest = rows.iter().chain(&columns).fold(f64::MIN_POSITIVE, |m, e| m.max(e.abs()));
    let mut s = vec![1.0; columns.len()];
    let signed: Vec<bool> = cells.outer_iter().map(|row| row.iter().any(|e| *e < 0.0)).collect();
    let mut gap = f64::INFINITY;
    for round in 1..=most_rounds {
        interrupt::check()?;
        let Round { r, p, n } = round_of(cells.view(), &signed, &s, rows)?;
        // Rows are as wanted now; columns say how far off the whole is.
        let off = |j: usize| (sum_of(p[j], n[j], s[j]) - columns[j]).abs();
        gap = (0..columns.len()).fold(0.0_f64, |m, j| larger(m, off(j))) / largest;
        if gap <= tolerance {
            apply(cells, &r, &s);
            return Ok(Outcome { rounds: round, gap });
        }
        for j in 0..columns.len() {
            let margin = Margin::Column(j);
            s[j] = factor(columns[j], p[j], n[j]).ok_or(Error::Unbalanced { margin, wanted: columns[j] })?;
        }
    }
    Err(Error::NotConverged { rounds: most_rounds, gap })
}

/// NaN counts as the largest.
fn larger(a: f64, b: f64) -> f64 {
    if b <= a { a } else { b }
}

fn sum_of(p: f64, n: f64, s: f64) -> f64 {
    p * s - if n == 0.0 { 0.0 } else { n / s }
}

/// `f` with `p f - n / f = total`; `None` where there is none.
fn factor(total: f64, p: f64, n: f64) -> Option<f64> {
    if p > 0.0 {
        let root = (total * total + 4.0 * p * n).sqrt();
        // Of two equal forms the one without cancellation.
        let f = if total >= 0.0 { (total + root) / (2.0 * p) } else { 2.0 * n / (root - total) };
        // Nothing positive may be left when the total is 0; a total below 0 needs negative cells.
        return (f > 0.0 || (total == 0.0 && n == 0.0)).then_some(f);
    }
    if n > 0.0 {
        return (total < 0.0).then(|| -n / total);
    }
    (total == 0.0).then_some(1.0)
}

/// What a pass over the cells finds: factors of rows, and, with these, sums of positive cells and of absolute negative
/// ones by column.
struct Round {
    r: Vec<f64>,
    p: Vec<f64>,
    n: Vec<f64>,
}

/// Each row is scaled to its total by the columns' factors, and added to the columns while it is at hand.
fn round_of(cells: ArrayView2<f64>, signed: &[bool], s: &[f64], totals: ArrayView1<f64>) -> Result<Round> {
    let inverse: Vec<f64> = s.iter().map(|s| s.recip()).collect();
    // Parts of a fixed size summed in their order: the same for any number of threads.
    const ROWS: usize = 4 * ROWS_PER_TASK;
    let part = |(first, rows): (usize, ArrayView2<f64>)| {
        let mut found = Round { r: Vec::with_capacity(ROWS), p: vec![0.0; cells.ncols()], n: vec![0.0; cells.ncols()] };
        for (i, row) in (first * ROWS..).zip(rows.outer_iter()) {
            let row = contiguous(row);
            let (p, n) = if signed[i] { signed_dot(&row, s, &inverse) } else { (dot(&row, s), 0.0) };
            let r = factor(totals[i], p, n).ok_or(Error::Unbalanced { margin: Margin::Row(i), wanted: totals[i] })?;
            if signed[i] {
                add_signed((&mut found.p, &mut found.n), (r, r.recip()), &row);
            } else {
                add_scaled(&mut found.p, r, &row);
            }
            found.r.push(r);
        }
        Ok(found)
    };
    let chunks = cells.axis_chunks_iter(Axis(0), ROWS).into_par_iter().enumerate();
    let parts: Vec<Round> = chunks.map(part).collect::<Result<_>>()?;
    let zero = Round { r: Vec::new(), p: vec![0.0; cells.ncols()], n: vec![0.0; cells.ncols()] };
    Ok(parts.into_iter().fold(zero, |mut sum, part| {
        sum.r.extend(part.r);
        add_scaled(&mut sum.p, 1.0, &part.p);
        add_scaled(&mut sum.n, 1.0, &part.n);
        sum
    }))
}

fn apply(cells: &mut Array2<f64>, r: &[f64], s: &[f64]) {
    Zip::from(cells.rows_mut()).and(&ArrayView1::from(r)).par_for_each(|mut row, r| {
        for (a, s) in row.iter_mut().zip(s) {
            if *a > 0.0 {
                *a *= r * s;
            } else if *a < 0.0 {
                *a /= r * s;
            }
        }
    });
}

/// A draw: cells times log-normal errors of mean 1. `sd` is the standard deviation of the logarithm of each cell. With
/// `totals` (of rows, of columns) the result is scaled to them. The same for a seed and number, whatever else runs.
pub fn disturb(
    cells: ArrayView2<f64>,
    sd: ArrayView2<f64>,
    (seed, number): (u64, u64),
    totals: Option<(ArrayView1<f64>, ArrayView1<f64>)>,
    tolerance: f64,
    most_rounds: usize,
) -> Result<Array2<f64>> {
    expect_shape("sd", sd.shape(), cells.shape())?;
    memory::expect("disturb", cells.nrows(), &[("cells", cells.len() as f64)])?;
    if sd.iter().all(|sd| *sd == 0.0) {
        // Without error it is the table itself, to the last digit.
        return memory::copy(cells);
    }
    let mut rng = stream(seed, number);
    let mut out = memory::copy(cells)?;
    for (mut row, sd) in out.outer_iter_mut().zip(sd.outer_iter()) {
        interrupt::check()?;
        for (cell, sd) in row.iter_mut().zip(sd).filter(|(cell, sd)| **cell != 0.0 && **sd > 0.0) {
            *cell *= log_normal(*sd, &mut rng);
        }
    }
    if let Some((rows, columns)) = totals {
        gras(&mut out, rows, columns, tolerance, most_rounds)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn junius_and_oosterhaven_keep_signs_and_reach_margins() -> Result<()> {
        let mut cells = array![[7.0, 3.0, 5.0, -3.0], [2.0, 9.0, 8.0, 1.0], [-2.0, 0.0, 2.0, 1.0]];
        let (rows, columns) = (array![15.0, 26.0, -1.0], array![9.0, 16.0, 17.0, -2.0]);
        let before = cells.clone();
        let outcome = gras(&mut cells, rows.view(), columns.view(), 1e-13, 1000)?;
        assert!(outcome.rounds > 1 && outcome.gap <= 1e-13);
        assert!((cells.sum_axis(Axis(1)) - rows).iter().all(|e| e.abs() < 1e-10));
        assert!((cells.sum_axis(Axis(0)) - columns).iter().all(|e| e.abs() < 1e-10));
        assert!(cells.iter().zip(&before).all(|(a, b)| a.signum() == b.signum() || *b == 0.0));
        Ok(())
    }

    #[test]
    fn a_draw_is_its_own_and_keeps_totals() -> Result<()> {
        let cells = array![[7.0, 3.0, 0.0], [2.0, 9.0, -1.0]];
        let sd = Array2::from_elem((2, 3), 0.2);
        let (rows, columns) = (cells.sum_axis(Axis(1)), cells.sum_axis(Axis(0)));
        let totals = Some((rows.view(), columns.view()));
        let draw = |number| disturb(cells.view(), sd.view(), (1, number), totals, 1e-12, 1000);
        assert_eq!(draw(5)?, draw(5)?);
        assert_ne!(draw(5)?, draw(6)?);
        assert!((draw(5)?.sum_axis(Axis(1)) - &rows).iter().all(|e| e.abs() < 1e-9));
        let exact = disturb(cells.view(), (&sd * 0.0).view(), (1, 1), None, 1e-12, 10)?;
        assert_eq!(exact, cells);
        Ok(())
    }

    #[test]
    fn margins_that_can_not_be_reached_are_named() {
        let mut empty_row = array![[1.0, 2.0], [0.0, 0.0]];
        let error = gras(&mut empty_row, array![3.0, 1.0].view(), array![2.0, 2.0].view(), 1e-9, 50);
        assert!(matches!(error, Err(Error::Unbalanced { margin: Margin::Row(1), .. })));
        let mut positive = array![[1.0, 2.0], [1.0, 1.0]];
        let error = gras(&mut positive, array![3.0, -1.0].view(), array![1.0, 1.0].view(), 1e-9, 50);
        assert!(matches!(error, Err(Error::Unbalanced { margin: Margin::Row(1), .. })));
        let error = gras(&mut positive, array![3.0, 2.0].view(), array![1.0, 9.0].view(), 1e-9, 50);
        assert!(matches!(error, Err(Error::NotConverged { rounds: 50, .. })));
    }
}
