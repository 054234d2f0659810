//! Balancing a table to given margins: GRAS (Junius and Oosterhaven 2003), which is RAS where nothing is negative.
//!
//! Positive cells become `r a s`, negative ones `a / (r s)`, so signs and zeros stay (Lenzen, Wood and Gallego 2007 for
//! rows and columns without positive cells).

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Zip};
use rayon::prelude::*;

use crate::error::{Error, Margin, Result};
use crate::interrupt;
use crate::table::{ROWS_PER_TASK, expect_shape};

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
    let mut s = Array1::ones(columns.len());
    let mut r = Array1::ones(rows.len());
    let mut gap = f64::INFINITY;
    for round in 1..=most_rounds {
        interrupt::check()?;
        let (p, n) = row_parts(cells.view(), s.view());
        for i in 0..rows.len() {
            r[i] = factor(rows[i], p[i], n[i]).ok_or(Error::Unbalanced { margin: Margin::Row(i), wanted: rows[i] })?;
        }
        let (p, n) = column_parts(cells.view(), r.view());
        // Rows are as wanted now; columns say how far off the whole is.
        let now = Zip::from(&p).and(&n).and(&s).map_collect(|p, n, s| sum_of(*p, *n, *s));
        gap = Zip::from(&now).and(columns).fold(0.0_f64, |m, a, b| larger(m, (a - b).abs())) / largest;
        if gap <= tolerance {
            apply(cells, r.view(), s.view());
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

/// Sums of positive cells times s, and of negative ones over s, by row.
fn row_parts(cells: ArrayView2<f64>, s: ArrayView1<f64>) -> (Array1<f64>, Array1<f64>) {
    let (mut p, mut n) = (Array1::zeros(cells.nrows()), Array1::zeros(cells.nrows()));
    Zip::from(cells.rows()).and(&mut p).and(&mut n).par_for_each(|row, p, n| {
        for (a, s) in row.iter().zip(s) {
            if *a > 0.0 {
                *p += a * s;
            } else if *a < 0.0 {
                *n -= a / s;
            }
        }
    });
    (p, n)
}

fn column_parts(cells: ArrayView2<f64>, r: ArrayView1<f64>) -> (Array1<f64>, Array1<f64>) {
    let zero = || (Array1::<f64>::zeros(cells.ncols()), Array1::<f64>::zeros(cells.ncols()));
    let add = |(mut p, mut n): (Array1<f64>, Array1<f64>), (rows, r): (ArrayView2<f64>, ArrayView1<f64>)| {
        for (row, r) in rows.outer_iter().zip(r) {
            for ((a, p), n) in row.iter().zip(&mut p).zip(&mut n) {
                if *a > 0.0 {
                    *p += a * r;
                } else if *a < 0.0 {
                    *n -= a / r;
                }
            }
        }
        (p, n)
    };
    // Parts of a fixed size summed in their order: the same for any number of threads.
    let parts: Vec<_> = cells
        .axis_chunks_iter(Axis(0), 8 * ROWS_PER_TASK)
        .into_par_iter()
        .zip(r.axis_chunks_iter(Axis(0), 8 * ROWS_PER_TASK).into_par_iter())
        .map(|part| add(zero(), part))
        .collect();
    parts.into_iter().fold(zero(), |(p, n), (a, b)| (p + a, n + b))
}

fn apply(cells: &mut Array2<f64>, r: ArrayView1<f64>, s: ArrayView1<f64>) {
    Zip::from(cells.rows_mut()).and(r).par_for_each(|mut row, r| {
        for (a, s) in row.iter_mut().zip(s) {
            if *a > 0.0 {
                *a *= r * s;
            } else if *a < 0.0 {
                *a /= r * s;
            }
        }
    });
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
