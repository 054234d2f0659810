//! Normalisation of one indicator over all units that have a value.

use ndarray::{ArrayView1, ArrayViewMut1};

use crate::error::{Error, Problem, Result};
use crate::options::Named;

/// How an indicator is brought to a common scale (OECD and JRC 2008, Handbook on Constructing Composite Indicators).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalisation {
    /// `(x - min) / (max - min)`, put between the bounds.
    MinMax,
    /// `(x - mean) / sd`, sample standard deviation.
    ZScore,
    /// 1 for the smallest; ties share the smaller rank.
    Rank,
    /// `(rank - 1) / (count - 1)`, put between the bounds.
    Percentile,
    /// `(x - low) / (high - low)`, cut off at the posts, put between the bounds.
    Goalposts,
    /// `(x - min) / (target - min)`, at most 1, put between the bounds.
    Target,
    /// `x / reference`; its inverse for an indicator of negative direction.
    Reference,
    /// As it stands, times the direction.
    None,
}

impl Named for Normalisation {
    const OPTION: &'static str = "normalisation";
    const NAMES: &'static [(&'static str, Self)] = &[
        ("minmax", Self::MinMax),
        ("zscore", Self::ZScore),
        ("rank", Self::Rank),
        ("percentile", Self::Percentile),
        ("goalposts", Self::Goalposts),
        ("target", Self::Target),
        ("reference", Self::Reference),
        ("none", Self::None),
    ];
}

/// What is even to this share of its size differs by rounding alone.
const ROUNDING: f64 = 1e-12;

/// What the normalisation of an indicator needs.
pub(super) struct Scale {
    /// Which indicator, for errors.
    pub col: usize,
    /// 1 where more is more, -1 where more is less.
    pub direction: f64,
    /// Lower and upper goalpost, target, reference.
    pub limits: [f64; 4],
    /// Where the ends are put.
    pub bounds: [f64; 2],
}

const LOW: usize = 0;
const HIGH: usize = 1;
const TARGET: usize = 2;
const REFERENCE: usize = 3;

/// Normalise one column in place; NaN stays NaN.
pub(super) fn normalise(kind: Normalisation, scale: &Scale, mut x: ArrayViewMut1<f64>) -> Result<()> {
    let refuse = |problem| Err(Error::Indicator { col: scale.col, row: None, problem });
    let direction = scale.direction;
    let count = x.iter().filter(|e| !e.is_nan()).count();
    let spreads = matches!(kind, Normalisation::MinMax | Normalisation::ZScore | Normalisation::Percentile);
    match count {
        // A gap stays a gap.
        0 => return Ok(()),
        1 if spreads => return refuse(Problem::Single),
        _ => {}
    }
    if kind == Normalisation::Reference {
        return reference(scale, x);
    }
    x *= direction;
    // Direction first: the limits of a negative indicator change places.
    let limit = |which: usize| direction * scale.limits[which];
    let (low, high) = if direction < 0.0 { (limit(HIGH), limit(LOW)) } else { (limit(LOW), limit(HIGH)) };
    match kind {
        Normalisation::MinMax => {
            let (min, max) = range(x.view());
            if alike(min, max) {
                return refuse(Problem::Constant { by: "min-max" });
            }
            stretch(scale, x, min, max);
        }
        Normalisation::Goalposts => {
            x.mapv_inplace(|e| if e.is_nan() { e } else { e.clamp(low, high) });
            stretch(scale, x, low, high);
        }
        Normalisation::Target => {
            let (min, target) = (range(x.view()).0, limit(TARGET));
            if target <= min || alike(min, target) {
                return refuse(Problem::Target { target: direction * target });
            }
            x.mapv_inplace(|e| if e > target { target } else { e });
            stretch(scale, x, min, target);
        }
        Normalisation::ZScore => {
            let (min, max) = range(x.view());
            if alike(min, max) {
                return refuse(Problem::Constant { by: "z-score" });
            }
            // A power of two changes no digit, and squares of very large or small values stay numbers.
            let size = power_of_two(min.abs().max(max.abs()));
            x.mapv_inplace(|e| e * size);
            let (mean, sd) = moments(x.view(), count);
            x.mapv_inplace(|e| (e - mean) / sd);
        }
        Normalisation::Rank => rank(x, 1.0, 1.0),
        Normalisation::Percentile => {
            let [bottom, top] = scale.bounds;
            rank(x, bottom, (top - bottom) / (count - 1) as f64);
        }
        Normalisation::Reference | Normalisation::None => {}
    }
    Ok(())
}

fn reference(scale: &Scale, mut x: ArrayViewMut1<f64>) -> Result<()> {
    let (col, reference) = (scale.col, scale.limits[REFERENCE]);
    if reference.is_nan() || reference == 0.0 {
        return Err(Error::Indicator { col, row: None, problem: Problem::Reference { reference } });
    }
    if reference < 0.0 {
        return Err(Error::Indicator { col, row: None, problem: Problem::Negative { value: reference } });
    }
    if let Some((row, value)) = x.iter().copied().enumerate().find(|(_, e)| *e < 0.0) {
        return Err(Error::Indicator { col, row: Some(row), problem: Problem::Negative { value } });
    }
    if scale.direction > 0.0 {
        x.mapv_inplace(|e| e / reference);
        return Ok(());
    }
    match x.iter().position(|e| *e == 0.0) {
        Some(row) => Err(Error::Indicator { col, row: Some(row), problem: Problem::Inverse }),
        None => {
            x.mapv_inplace(|e| reference / e);
            Ok(())
        }
    }
}

/// From `low..high` to the bounds.
fn stretch(scale: &Scale, mut x: ArrayViewMut1<f64>, low: f64, high: f64) {
    let [bottom, top] = scale.bounds;
    // The difference of two of the largest numbers is none.
    let size = power_of_two(low.abs().max(high.abs()));
    let (low, high) = (low * size, high * size);
    x.mapv_inplace(|e| bottom + (e * size - low) / (high - low) * (top - bottom));
}

/// Whether two values differ by rounding alone.
fn alike(low: f64, high: f64) -> bool {
    let size = low.abs().max(high.abs());
    size == 0.0 || high / size - low / size <= ROUNDING
}

/// The power of two that brings a very large or very small size to about 1; 1 for any other.
fn power_of_two(size: f64) -> f64 {
    if (1e-100..=1e100).contains(&size) || size == 0.0 {
        1.0
    } else {
        (-size.log2().round()).clamp(-1000.0, 1000.0).exp2()
    }
}

fn range(x: ArrayView1<f64>) -> (f64, f64) {
    // min and max of f64 pass over NaN.
    x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &e| (low.min(e), high.max(e)))
}

fn moments(x: ArrayView1<f64>, count: usize) -> (f64, f64) {
    let present = || x.iter().copied().filter(|e| !e.is_nan());
    let mean = present().sum::<f64>() / count as f64;
    let squares: f64 = present().map(|e| (e - mean).powi(2)).sum();
    (mean, (squares / (count as f64 - 1.0)).sqrt())
}

/// `first + step * (number of smaller values)`.
fn rank(mut x: ArrayViewMut1<f64>, first: f64, step: f64) {
    let values = x.to_vec();
    for e in x.iter_mut().filter(|e| !e.is_nan()) {
        let smaller = values.iter().filter(|other| **other < *e).count();
        *e = first + step * smaller as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};

    fn of(kind: Normalisation, direction: f64, limits: [f64; 4]) -> Result<Array1<f64>> {
        let mut x = array![4.0, 1.0, f64::NAN, 2.0, 1.0];
        normalise(kind, &Scale { col: 0, direction, limits, bounds: [0.0, 1.0] }, x.view_mut())?;
        Ok(x)
    }

    #[test]
    fn each_kind_by_hand_in_both_directions() -> Result<()> {
        let cases = [
            (Normalisation::MinMax, 1.0, [1.0, 0.0, 1.0 / 3.0, 0.0]),
            (Normalisation::MinMax, -1.0, [0.0, 1.0, 2.0 / 3.0, 1.0]),
            (Normalisation::Rank, 1.0, [4.0, 1.0, 3.0, 1.0]),
            (Normalisation::Rank, -1.0, [1.0, 3.0, 2.0, 3.0]),
            (Normalisation::Percentile, 1.0, [1.0, 0.0, 2.0 / 3.0, 0.0]),
            (Normalisation::Goalposts, 1.0, [1.0, 0.25, 0.75, 0.25]),
            (Normalisation::Goalposts, -1.0, [0.0, 0.75, 0.25, 0.75]),
            (Normalisation::Target, 1.0, [1.0, 0.0, 0.5, 0.0]),
            (Normalisation::Reference, 1.0, [2.0, 0.5, 1.0, 0.5]),
            (Normalisation::Reference, -1.0, [0.5, 2.0, 1.0, 2.0]),
            (Normalisation::None, -1.0, [-4.0, -1.0, -2.0, -1.0]),
        ];
        for (kind, direction, want) in cases {
            let got = of(kind, direction, [0.5, 2.5, 3.0, 2.0])?;
            assert!(got[2].is_nan());
            let there = [got[0], got[1], got[3], got[4]];
            assert!(there.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-15), "{kind:?} {direction}: {there:?}");
        }
        let z = of(Normalisation::ZScore, 1.0, [f64::NAN; 4])?;
        // mean 2, sample sd sqrt(2)
        assert!((z[0] - 2.0 / 2.0_f64.sqrt()).abs() < 1e-15 && z[3].abs() < 1e-15);
        Ok(())
    }

    fn column_of(kind: Normalisation, values: &[f64]) -> Result<Vec<f64>> {
        let limits = [f64::NAN, f64::NAN, f64::NAN, values[0]];
        let mut x = Array1::from(values.to_vec());
        normalise(kind, &Scale { col: 0, direction: 1.0, limits, bounds: [0.0, 1.0] }, x.view_mut())?;
        Ok(x.to_vec())
    }

    #[test]
    fn the_size_of_the_unit_does_not_matter() -> Result<()> {
        for kind in [Normalisation::ZScore, Normalisation::MinMax] {
            let plain = column_of(kind, &[1.0, 2.0, 4.0])?;
            for scale in [1e160, 3e307, 1e-160, 1e-300] {
                let got = column_of(kind, &[scale, 2.0 * scale, 4.0 * scale])?;
                assert!(got.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-14), "{kind:?} {scale}: {got:?}");
            }
        }
        assert_eq!(column_of(Normalisation::MinMax, &[-1.7e308, 0.0, 1.7e308])?, vec![0.0, 0.5, 1.0]);
        Ok(())
    }

    #[test]
    fn what_is_even_to_rounding_is_constant() {
        for kind in [Normalisation::ZScore, Normalisation::MinMax] {
            let error = column_of(kind, &[0.3, 0.3, 0.1 + 0.2]);
            assert!(matches!(error, Err(Error::Indicator { problem: Problem::Constant { .. }, .. })), "{kind:?}");
        }
    }

    #[test]
    fn ratios_of_negative_values_are_refused() {
        for (values, row) in [([-2.0, 2.0, 3.0], None), ([2.0, -2.0, 3.0], Some(1))] {
            let error = column_of(Normalisation::Reference, &values);
            let Err(Error::Indicator { row: at, problem: Problem::Negative { value: -2.0 }, .. }) = error else {
                panic!("{error:?}");
            };
            assert_eq!(at, row);
        }
    }

    #[test]
    fn a_target_below_the_smallest_value() {
        let error = of(Normalisation::Target, 1.0, [0.0, 0.0, 0.5, 0.0]);
        assert!(matches!(error, Err(Error::Indicator { problem: Problem::Target { .. }, .. })));
    }
}
