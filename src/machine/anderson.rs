//! Fixed points in fewer rounds: Anderson's (1965) acceleration, which mixes the last rounds.

use std::collections::VecDeque;

use super::simd;

/// Rounds that are mixed.
const MEMORY: usize = 8;
/// A step beyond this (of logarithms and ratios) is not taken: the plain round is.
const LONGEST: f64 = 2.0;
/// A gap this much larger than the smallest so far: what was remembered misleads.
const WORSE: f64 = 20.0;

/// The rounds that are remembered: changes of the point, and of the gap between a point and its image.
#[derive(Default)]
pub struct Anderson {
    points: VecDeque<Vec<f64>>,
    gaps: VecDeque<Vec<f64>>,
    last: Option<(Vec<f64>, Vec<f64>)>,
    best: f64,
}

impl Anderson {
    /// The next point, of one and its image; the image itself where mixing would lead astray.
    pub fn next(&mut self, point: &[f64], image: Vec<f64>) -> Vec<f64> {
        let gap = minus(&image, point);
        let size = norm(&gap);
        if self.last.is_none() || size < self.best {
            self.best = size;
        } else if size > WORSE * self.best {
            *self = Self { best: size, ..Self::default() };
        }
        if let Some((before, gap_before)) = self.last.replace((point.to_vec(), gap.clone())) {
            push(&mut self.points, minus(point, &before));
            push(&mut self.gaps, minus(&gap, &gap_before));
        }
        let Some(weights) = self.weights(&gap) else { return image };
        let mut mixed = image.clone();
        for ((weight, point), gap) in weights.iter().zip(&self.points).zip(&self.gaps) {
            mixed.iter_mut().zip(point).zip(gap).for_each(|((m, p), g)| *m -= weight * (p + g));
        }
        let far = mixed.iter().zip(&image).any(|(m, i)| (m - i).abs() > LONGEST || m.is_nan());
        if far {
            *self = Self { best: self.best, ..Self::default() };
            return image;
        }
        mixed
    }

    /// Weights of the remembered rounds that leave the smallest gap: least squares by normal equations.
    fn weights(&self, gap: &[f64]) -> Option<Vec<f64>> {
        let k = self.gaps.len();
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(k);
        for (i, one) in self.gaps.iter().enumerate() {
            let mut row: Vec<f64> = self.gaps.iter().map(|other| dot(one, other)).collect();
            // Rounds that are nearly alike: a trace of the diagonal keeps the weights small.
            row[i] *= 1.0 + 1e-12;
            row.push(dot(one, gap));
            rows.push(row);
        }
        (k > 0).then(|| solve(rows)).flatten()
    }
}

fn push(kept: &mut VecDeque<Vec<f64>>, new: Vec<f64>) {
    if kept.len() == MEMORY {
        kept.pop_front();
    }
    kept.push_back(new);
}

fn minus(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    simd::dot(a, b)
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// Gauss with pivoting of a few equations, the right-hand side as the last column; `None` where they are singular.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let k = rows.len();
    for col in 0..k {
        let best = (col..k).max_by(|a, b| rows[*a][col].abs().total_cmp(&rows[*b][col].abs()))?;
        rows.swap(col, best);
        if rows[col][col].abs() <= f64::MIN_POSITIVE || rows[col][col].is_nan() {
            return None;
        }
        let (above, below) = rows.split_at_mut(col + 1);
        let pivot = &above[col];
        for row in below {
            let factor = row[col] / pivot[col];
            row.iter_mut().zip(pivot).for_each(|(cell, pivot)| *cell -= factor * pivot);
        }
    }
    let mut out = vec![0.0; k];
    for row in (0..k).rev() {
        let known: f64 = (row + 1..k).map(|j| rows[row][j] * out[j]).sum();
        out[row] = (rows[row][k] - known) / rows[row][row];
    }
    out.iter().all(|e| e.is_finite()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A linear map that shrinks slowly: plain rounds would take 2000.
    #[test]
    fn a_slow_map_is_solved_in_few_rounds() {
        let rates = [0.99, 0.9, 0.5, -0.7, 0.2];
        let mut point = vec![0.0; 5];
        let mut anderson = Anderson::default();
        for _ in 0..20 {
            let image = point.iter().zip(rates).map(|(p, r)| r * p + 0.25 * (1.0 - r)).collect();
            point = anderson.next(&point, image);
        }
        assert!(point.iter().all(|p| (p - 0.25).abs() < 1e-9), "{point:?}");
    }

    #[test]
    fn few_equations() {
        assert_eq!(solve(vec![vec![0.0, 2.0, 4.0], vec![1.0, 1.0, 5.0]]), Some(vec![3.0, 2.0]));
        assert_eq!(solve(vec![vec![1.0, 1.0, 4.0], vec![1.0, 1.0, 5.0]]), None);
    }
}
