//! Balancing a table to given margins: GRAS (Junius and Oosterhaven 2003), which is RAS where nothing is negative.
//!
//! Positive cells become `r a s`, negative ones `a / (r s)`, so signs and zeros stay (Lenzen, Wood and Gallego 2007 for
//! rows and columns without positive cells).

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, Zip};
use rayon::prelude::*;

use crate::error::{Error, Margin, Result, expect_shape};
use crate::machine::anderson::Anderson;
use crate::machine::passes::ROWS_PER_TASK;
use crate::machine::random::{log_factor, stream};
use crate::machine::simd::{self, add_scaled};
use crate::machine::streams::{self, STREAMS};
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
    let mut s = Multipliers::new(columns.len());
    let negatives = Negatives::taken_from(cells);
    let mut gap = f64::INFINITY;
    for round in 1..=most_rounds {
        interrupt::check()?;
        let Round { r, p, n } = round_of(cells.view(), &negatives, &s.values, rows)?;
        // Rows are as wanted now; columns say how far off the whole is.
        let off = |j: usize| (sum_of(p[j], n[j], s.values[j]) - columns[j]).abs();
        gap = (0..columns.len()).fold(0.0_f64, |m, j| larger(m, off(j))) / largest;
        if gap <= tolerance {
            scale(cells, &r, &s.values);
            negatives.put_back(cells, &r, &s.values);
            return Ok(Outcome { rounds: round, gap });
        }
        let next = |j: usize| {
            factor(columns[j], p[j], n[j]).ok_or(Error::Unbalanced { margin: Margin::Column(j), wanted: columns[j] })
        };
        s.replace((0..columns.len()).map(next).collect::<Result<_>>()?, gap);
    }
    Err(Error::NotConverged { rounds: most_rounds, gap })
}

/// The cells below zero, few in most tables, by row: while rounds run they are out of the matrix, which then has no signs.
struct Negatives {
    /// Column and absolute value.
    cells: Vec<(usize, f64)>,
    /// Where those of each row begin.
    starts: Vec<usize>,
}

impl Negatives {
    fn taken_from(cells: &mut Array2<f64>) -> Self {
        let mut found = Self { cells: Vec::new(), starts: vec![0] };
        for mut row in cells.outer_iter_mut() {
            if row.iter().fold(0.0, |least, cell| if *cell < least { *cell } else { least }) < 0.0 {
                for (column, cell) in row.iter_mut().enumerate().filter(|(_, cell)| **cell < 0.0) {
                    found.cells.push((column, -std::mem::take(cell)));
                }
            }
            found.starts.push(found.cells.len());
        }
        found
    }

    fn of_row(&self, row: usize) -> &[(usize, f64)] {
        &self.cells[self.starts[row]..self.starts[row + 1]]
    }

    fn put_back(&self, cells: &mut Array2<f64>, r: &[f64], s: &[f64]) {
        for (i, mut row) in cells.outer_iter_mut().enumerate() {
            self.of_row(i).iter().for_each(|(j, size)| row[*j] = -size / (r[i] * s[*j]));
        }
    }
}

/// Rounds without a smaller gap from which on nothing is mixed.
const PATIENCE: usize = 25;

/// Multipliers of columns. A table of regions that trade little with each other takes many rounds; in logarithms they are
/// mixed (`anderson`), so that the same multipliers are reached in a third of them.
struct Multipliers {
    values: Vec<f64>,
    mixing: Anderson,
    best: f64,
    since: usize,
}

impl Multipliers {
    fn new(columns: usize) -> Self {
        Self { values: vec![1.0; columns], mixing: Anderson::default(), best: f64::INFINITY, since: 0 }
    }

    /// By those that a round gives, at a gap before it.
    fn replace(&mut self, image: Vec<f64>, gap: f64) {
        (self.best, self.since) = if gap < self.best { (gap, 0) } else { (self.best, self.since + 1) };
        if self.since > PATIENCE {
            self.values = image;
            return;
        }
        // A column without total has the multiplier 0, and keeps it.
        let logarithms = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&image).map(|(value, new)| if *new > 0.0 { value.ln() } else { 0.0 }).collect()
        };
        let mixed = self.mixing.next(&logarithms(&self.values), logarithms(&image));
        self.values = mixed.iter().zip(&image).map(|(log, new)| if *new > 0.0 { log.exp() } else { *new }).collect();
    }
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
fn round_of(cells: ArrayView2<f64>, negatives: &Negatives, s: &[f64], totals: ArrayView1<f64>) -> Result<Round> {
    // Parts of a fixed size summed in their order: the same for any number of threads.
    const ROWS: usize = 4 * ROWS_PER_TASK;
    let zero = || Round { r: Vec::new(), p: vec![0.0; s.len()], n: vec![0.0; s.len()] };
    let part = |(first, rows): (usize, ArrayView2<f64>)| {
        let mut found = zero();
        let flat = streams::flat(rows);
        for (start, count) in streams::groups(rows.nrows()) {
            let group = streams::side_by_side(&flat, s.len(), start);
            let sums = streams::dots(group, [s], [0..s.len(), 0..0]);
            let mut factors = [0.0; STREAMS];
            for (k, [p]) in sums.into_iter().enumerate().take(count) {
                let row = first * ROWS + start + k;
                let below = negatives.of_row(row);
                let n = below.iter().map(|(j, size)| size / s[*j]).sum();
                let margin = Margin::Row(row);
                factors[k] = factor(totals[row], p, n).ok_or(Error::Unbalanced { margin, wanted: totals[row] })?;
                below.iter().for_each(|(j, size)| found.n[*j] += size / factors[k]);
            }
            streams::add_scaled([&mut found.p], [factors], group);
            found.r.extend_from_slice(&factors[..count]);
        }
        Ok(found)
    };
    let chunks = cells.axis_chunks_iter(Axis(0), ROWS).into_par_iter().enumerate();
    let parts: Vec<Round> = chunks.map(part).collect::<Result<_>>()?;
    Ok(parts.into_iter().fold(zero(), |mut sum, part| {
        sum.r.extend(part.r);
        add_scaled(&mut sum.p, 1.0, &part.p);
        add_scaled(&mut sum.n, 1.0, &part.n);
        sum
    }))
}

fn scale(cells: &mut Array2<f64>, r: &[f64], s: &[f64]) {
    Zip::from(cells.rows_mut()).and(&ArrayView1::from(r)).par_for_each(|mut row, r| {
        Zip::from(&mut row).and(s).for_each(|cell, s| *cell *= r * s);
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
    let mut out = memory::zeros(cells.dim())?;
    let mut factors = Vec::with_capacity(cells.ncols());
    for ((mut row, cells), sd) in out.outer_iter_mut().zip(cells.outer_iter()).zip(sd.outer_iter()) {
        interrupt::check()?;
        // A cell of 0 draws no number, and one without error stays to the last digit.
        let logarithm =
            |(cell, sd): (&f64, &f64)| if *cell == 0.0 || *sd == 0.0 { 0.0 } else { log_factor(*sd, &mut rng) };
        factors.clear();
        factors.extend(cells.iter().zip(sd).map(logarithm));
        simd::exp(&mut factors);
        Zip::from(&mut row).and(&cells).and(&factors).for_each(|out, cell, factor| *out = cell * factor);
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
