//! Input and allocation coefficients, and `I - a`. A column (or row) with `x = 0` is 0.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, Zip, s};
use rayon::prelude::*;

use super::checks::{Culprit, failure};
use crate::error::{Result, expect_shape};
use crate::machine::memory;
use crate::machine::passes::{self, ROWS_PER_SUM};
use crate::machine::simd::{self, Cell};
use crate::table::reciprocal;

/// Up to this order a pass is over before other threads have woken up.
pub const ALONE: usize = 160;

/// Input coefficients `a = z diag(x)^-1`. One n x n array.
pub fn input_coefficients(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<Array2<f64>> {
    expect_shape("Z", z.shape(), &[x.len(), x.len()])?;
    memory::expect("input_coefficients", z.nrows(), &[("A", z.len() as f64)])?;
    let scale = reciprocal(x)?;
    let mut a = memory::zeros(z.dim())?;
    Zip::from(a.rows_mut()).and(z.rows()).par_for_each(|mut a, z| {
        Zip::from(&mut a).and(&z).and(&scale).for_each(|a, z, s| *a = z * s);
    });
    Ok(a)
}

/// Allocation coefficients of Ghosh (1958), `diag(x)^-1 z`.
pub fn output_coefficients(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<Array2<f64>> {
    expect_shape("Z", z.shape(), &[x.len(), x.len()])?;
    memory::expect("output_coefficients", z.nrows(), &[("coefficients", z.len() as f64)])?;
    let scale = reciprocal(x)?;
    let mut a = memory::zeros(z.dim())?;
    Zip::from(a.rows_mut()).and(z.rows()).and(&scale).par_for_each(|mut a, z, s| {
        Zip::from(&mut a).and(&z).for_each(|a, z| *a = z * s);
    });
    Ok(a)
}

/// Input coefficients `z diag(per_unit)` that are not held as a matrix.
pub struct Coefficients<'a, T = f64> {
    /// Flows, or the coefficients themselves.
    pub z: ArrayView2<'a, T>,
    /// What columns are multiplied by: 1 / x, or ones.
    pub per_unit: Vec<f64>,
}

/// What a pass over `a` has seen.
pub struct Seen {
    /// Row sums of `a`.
    pub row_sums: Array1<f64>,
    /// Of `I - a`, the largest column sum of absolute values.
    pub norm: f64,
    /// Whether `a` has an entry below zero.
    pub negative: bool,
}

impl<'a, T: Cell> Coefficients<'a, T> {
    /// Of flows z and outputs x.
    pub fn of_flows(z: ArrayView2<'a, T>, x: ArrayView1<f64>) -> Result<Self> {
        expect_shape("x", x.shape(), &[z.ncols()])?;
        Ok(Self { z, per_unit: reciprocal(x)?.to_vec() })
    }

    /// Of one region's rows among themselves.
    pub fn local(z: ArrayView2<'a, T>, x: ArrayView1<f64>, rows: Range<usize>) -> Result<Self> {
        Self::of_flows(z.slice_move(s![rows.clone(), rows.clone()]), x.slice(s![rows]))
    }

    /// Write `I - a` to `m`, in one pass.
    pub fn identity_minus(&self, mut m: ArrayViewMut2<f64>) -> Seen {
        let n = self.z.nrows();
        let task = |(number, (mut m, z)): (usize, (ArrayViewMut2<f64>, ArrayView2<T>))| {
            let mut sums = vec![0.0; n];
            let mut seen = Vec::with_capacity(z.nrows());
            for (i, (mut target, row)) in m.outer_iter_mut().zip(z.outer_iter()).enumerate() {
                let Some(target) = target.as_slice_mut() else { unreachable!("m is made row by row") };
                seen.push(simd::negate(target, &simd::contiguous(row), &self.per_unit));
                target[number * ROWS_PER_SUM + i] += 1.0;
                simd::add_absolute(&mut sums, target);
            }
            (sums, seen)
        };
        let rows = (m.axis_chunks_iter_mut(Axis(0), ROWS_PER_SUM), self.z.axis_chunks_iter(Axis(0), ROWS_PER_SUM));
        let parts: Vec<_> = if n <= ALONE {
            rows.0.zip(rows.1).enumerate().map(task).collect()
        } else {
            rows.0.into_par_iter().zip(rows.1.into_par_iter()).enumerate().map(task).collect()
        };
        let seen = || parts.iter().flat_map(|(_, seen)| seen);
        Seen {
            row_sums: seen().map(|(sum, _)| *sum).collect(),
            norm: largest_sum(n, parts.iter().map(|(sums, _)| &sums[..])),
            negative: seen().any(|(_, least)| *least < 0.0),
        }
    }

    /// The column that an error names.
    pub fn culprit(&self) -> Culprit {
        Culprit::of_sums(passes::sums(self.z).1 * ArrayView1::from(&self.per_unit))
    }
}

/// Largest entry of a sum of vectors; a NaN counts as the largest.
pub fn largest_sum<'a>(n: usize, parts: impl Iterator<Item = &'a [f64]>) -> f64 {
    let mut total = vec![0.0; n];
    parts.for_each(|part| simd::add_scaled(&mut total, 1.0, part));
    failure(total.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn no_output_gives_a_zero_column() -> Result<()> {
        let a = input_coefficients(array![[1.0, 2.0], [3.0, 4.0]].view(), array![0.0, 8.0].view())?;
        assert_eq!(a, array![[0.0, 0.25], [0.0, 0.5]]);
        let allocation = output_coefficients(array![[1.0, 2.0], [3.0, 4.0]].view(), array![0.0, 8.0].view())?;
        assert_eq!(allocation, array![[0.0, 0.0], [0.375, 0.5]]);
        Ok(())
    }
}
