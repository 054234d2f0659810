//! The Leontief inverse: one pass over `a` before the elimination, one over `b` and one over `a` to verify it.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use ndarray_linalg::InverseInto;
use rayon::prelude::*;

use super::checks::{CONDITION, INVERSE_RESIDUAL, failure};
use super::coefficients::{ALONE, Coefficients, largest_sum, output_coefficients};
use super::eliminate;
use super::solver::Solver;
use crate::error::{Result, expect_shape};
use crate::machine::passes::ROWS_PER_SUM;
use crate::machine::{blas, memory, pool, simd, streams};
use crate::table;

/// How an inverse was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Elimination without pivoting: the economy is productive.
    Plain,
    /// LAPACK with pivoting, because coefficients are negative and plain elimination failed.
    Pivoted,
}

/// Leontief inverse `b = (I - a)^-1`, and how it was found.
///
/// Beside `a` it holds b and a workspace of half its size; where `a` has negative entries and pivoting turns out to
/// be needed, two more of that size.
pub fn leontief_inverse(a: ArrayView2<f64>) -> Result<(Array2<f64>, Route)> {
    inverse(&Coefficients { z: a, per_unit: vec![1.0; a.ncols()] })
}

/// Leontief inverse of flows z and outputs x, without the coefficients as a matrix of their own.
pub fn inverse_of_flows(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<(Array2<f64>, Route)> {
    inverse(&Coefficients::of_flows(z, x)?)
}

/// Ghosh inverse `g = (I - diag(x)^-1 z)^-1` (Ghosh 1958; Miller and Blair 2009, chapter 12).
pub fn ghosh_inverse(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<(Array2<f64>, Route)> {
    leontief_inverse(output_coefficients(z, x)?.view())
}

/// An inverse that is held, as a solver. It may lie in memory in any way.
pub struct Inverse<'a>(pub ArrayView2<'a, f64>);

impl Solver for Inverse<'_> {
    fn order(&self) -> usize {
        self.0.nrows()
    }

    fn solve(&self, b: Array2<f64>) -> Result<Array2<f64>> {
        let mut out = memory::zeros(b.dim())?;
        blas::gemm(1.0, self.0, b.view(), 0.0, out.view_mut())?;
        Ok(out)
    }

    fn solve_transposed(&self, b: Array2<f64>) -> Result<Array2<f64>> {
        let mut out = memory::zeros(b.dim())?;
        blas::gemm(1.0, self.0.reversed_axes(), b.view(), 0.0, out.view_mut())?;
        Ok(out)
    }

    fn inverse(&self) -> Option<ArrayView2<'_, f64>> {
        Some(self.0)
    }
}

/// Of coefficients that are not held as a matrix.
pub(super) fn inverse(a: &Coefficients) -> Result<(Array2<f64>, Route)> {
    let n = a.z.nrows();
    expect_shape("a", a.z.shape(), &[n, n])?;
    let space = eliminate::workspace(n);
    memory::expect("leontief_inverse", n, &[("B", a.z.len() as f64), ("workspace", space as f64)])?;
    let mut b = memory::zeros((n, n))?;
    let seen = a.identity_minus(b.view_mut());
    table::expect_finite("a", a.z, seen.row_sums.view())?;

    let mut work = memory::zeros(space)?;
    let Some(slots) = work.as_slice_mut() else { unreachable!("a new vector is contiguous") };
    let outcome = eliminate::invert(b.view_mut(), slots)?;
    drop(work);
    match outcome {
        Err(bad) if !seen.negative => return Err(a.culprit().not_productive(bad)),
        Ok(()) => match verify(a, b.view(), seen.norm) {
            Ok(()) => return Ok((b, Route::Plain)),
            Err((condition, residual)) if !seen.negative => return Err(a.culprit().singular(condition, residual)),
            Err(_) => {}
        },
        Err(_) => {}
    }
    a.identity_minus(b.view_mut());
    let b = pool::with_deep_stack(|| b.inv_into())?.map_err(|_| a.culprit().singular(f64::INFINITY, f64::NAN))?;
    verify(a, b.view(), seen.norm).map_err(|(condition, residual)| a.culprit().singular(condition, residual))?;
    Ok((b, Route::Pivoted))
}

/// Condition and residual within their limits, or both numbers as the error.
///
/// The probes are ones and a fixed pattern of signs: two passes instead of a product of matrices.
fn verify(a: &Coefficients, b: ArrayView2<f64>, norm: f64) -> std::result::Result<(), (f64, f64)> {
    let n = b.nrows();
    let ones = vec![1.0; n];
    let signs: Vec<f64> = (0..n).map(|i| if (i * 2_654_435_761_usize) & 0x8000 == 0 { 1.0 } else { -1.0 }).collect();
    let (solved, sums) = times_pair(b, [&ones, &signs]);
    let inputs = solved.each_ref().map(|z| z.iter().zip(&a.per_unit).map(|(z, s)| z * s).collect::<Vec<_>>());
    let (back, _) = times_pair(a.z, [&inputs[0], &inputs[1]]);
    let condition = norm * sums;
    let mut residual = 0.0_f64;
    for (probe, (solved, back)) in [ones, signs].iter().zip(solved.iter().zip(&back)) {
        let size = solved.iter().fold(1.0_f64, |m, e| m.max(e.abs()));
        let errors = solved.iter().zip(back).zip(probe).map(|((z, az), want)| (z - az - want) / size);
        residual = residual.max(failure(errors));
    }
    // Written so that NaN fails.
    if condition <= CONDITION && residual <= INVERSE_RESIDUAL { Ok(()) } else { Err((condition, residual)) }
}

/// A matrix times two vectors, and its largest column sum of absolute values, in one pass.
fn times_pair(matrix: ArrayView2<f64>, vectors: [&[f64]; 2]) -> ([Vec<f64>; 2], f64) {
    let columns = matrix.ncols();
    let task = |rows: ArrayView2<f64>| {
        let mut sums = vec![0.0; columns];
        let mut products = Vec::with_capacity(rows.nrows());
        let flat = streams::flat(rows);
        for (first, count) in streams::groups(rows.nrows()) {
            let group = streams::side_by_side(&flat, columns, first);
            products.extend_from_slice(&streams::dots(group, vectors, [0..columns, 0..0])[..count]);
            group[..count].iter().for_each(|row| simd::add_absolute(&mut sums, row));
        }
        (sums, products)
    };
    let chunks = matrix.axis_chunks_iter(Axis(0), ROWS_PER_SUM);
    let parts: Vec<_> =
        if matrix.nrows() <= ALONE { chunks.map(task).collect() } else { chunks.into_par_iter().map(task).collect() };
    let products = || parts.iter().flat_map(|(_, products)| products);
    let pair = [0, 1].map(|k| products().map(|products| products[k]).collect());
    (pair, largest_sum(matrix.ncols(), parts.iter().map(|(sums, _)| &sums[..])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::leontief::{factor, input_coefficients};
    use crate::table::tests::{Small, close};
    use ndarray::array;

    #[test]
    fn miller_and_blair_two_sectors() -> Result<()> {
        // Miller and Blair (2009), Input-Output Analysis, 2nd ed., tables 2.3 and 2.4.
        let (z, x) = (array![[150.0, 500.0], [200.0, 100.0]], array![1000.0, 2000.0]);
        let a = input_coefficients(z.view(), x.view())?;
        assert_eq!(a, array![[0.15, 0.25], [0.20, 0.05]]);
        let (b, route) = leontief_inverse(a.view())?;
        assert_eq!(route, Route::Plain);
        assert!(close(&b, &array![[1.2541, 0.3300], [0.2640, 1.1221]], 5e-5));
        let (g, _) = ghosh_inverse(z.view(), x.view())?;
        assert!(close(&array![650.0, 1400.0].dot(&g), &x, 1e-9));
        Ok(())
    }

    #[test]
    fn an_economy_that_eats_more_than_it_makes_is_refused() {
        let error = leontief_inverse(array![[0.9, 0.4], [0.4, 0.9]].view());
        assert!(matches!(error, Err(Error::NotProductive { sum, .. }) if (sum - 1.3).abs() < 1e-12));
        let error = leontief_inverse(array![[0.2, 0.3], [0.1, 2.0]].view());
        assert!(matches!(error, Err(Error::NotProductive { col: 1, .. })));
    }

    #[test]
    fn nearly_singular_is_refused() {
        let error = leontief_inverse(array![[0.5, 0.5], [0.5, 0.5 - 4e-14]].view());
        assert!(matches!(error, Err(Error::Singular { .. } | Error::NotProductive { .. })));
    }

    #[test]
    fn a_column_sum_above_one_can_be_productive() -> Result<()> {
        assert_eq!(leontief_inverse(array![[0.1, 0.9], [0.1, 0.3]].view())?.1, Route::Plain);
        Ok(())
    }

    #[test]
    fn negative_coefficients_fall_back_to_pivoting() -> Result<()> {
        let a = array![[1.0, -2.0], [1.0, -2.0]];
        let (b, route) = leontief_inverse(a.view())?;
        assert_eq!(route, Route::Pivoted);
        assert!(close(&(Array2::<f64>::eye(2) - a).dot(&b), &Array2::eye(2), 1e-12));
        Ok(())
    }

    #[test]
    fn a_held_inverse_solves_as_factors_do() -> Result<()> {
        let t = Small::new();
        let (b, _) = inverse_of_flows(t.z.view(), t.x.view())?;
        let by_column = b.t().as_standard_layout().into_owned();
        let factor = factor(t.z.view(), t.x.view())?;
        for held in [Inverse(b.view()), Inverse(by_column.t())] {
            assert!(close(&held.solve(t.y.clone())?, &factor.solve(t.y.clone())?, 1e-12));
            assert!(close(&held.solve_transposed(t.y.clone())?, &factor.solve_transposed(t.y.clone())?, 1e-12));
        }
        Ok(())
    }
}
