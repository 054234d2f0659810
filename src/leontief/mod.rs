//! Input coefficients, Leontief and Ghosh inverses, and the checks that LAPACK doesn't make.
//!
//! LAPACK signals exact singularity only: A = [[.9, .4], [.4, .9]] has a negative "inverse" without an error. Here a
//! result is given only for a productive economy (all pivots of I - A positive: Hawkins and Simon 1949), or, where
//! coefficients are negative and that test says nothing, when the residual of the solution is small.

mod eliminate;
mod factor;
mod inverse;
mod iterate;

use std::ops::Range;

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, Axis, Zip, s};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::simd::Cell;
use crate::table::{self, Dims, ROWS_PER_TASK};
use eliminate::BadPivot;
pub use factor::Factor;
pub use inverse::{Route, inverse_of_flows, leontief_inverse};
pub use iterate::{Iteration, has_no_negative};

/// Local blocks up to this order are factored side by side, larger ones in turn by threaded products.
const SIDE_BY_SIDE: usize = 96;
/// Local solves that one parallel task handles.
const REGIONS_PER_TASK: usize = 8;

/// Something that solves `(I - a) z = b`: factors, or an iteration without them.
pub trait Solver: Sync {
    /// Order of the matrix.
    fn order(&self) -> usize;
    /// `(I - a)^-1 b`.
    fn solve(&self, b: Array2<f64>) -> Result<Array2<f64>>;
    /// `(I - a')^-1 b`: left solves, for `c (I - a)^-1` with the rows of c as columns of `b`.
    fn solve_transposed(&self, b: Array2<f64>) -> Result<Array2<f64>>;
}

/// The column that an error names: the one with the largest sum of input coefficients.
#[derive(Clone, Copy)]
pub(crate) struct Culprit {
    col: usize,
    sum: f64,
}

impl Culprit {
    /// Of `m = I - a`.
    pub(crate) fn of(m: ArrayView2<f64>) -> Self {
        let sums = m.sum_axis(Axis(0)).mapv(|e| 1.0 - e);
        let col = table::largest(sums.view());
        Self { col, sum: sums.get(col).copied().unwrap_or(0.0) }
    }

    fn not_productive(self, bad: BadPivot) -> Error {
        Error::NotProductive { col: self.col, sum: self.sum, pivot: bad.0 }
    }

    fn singular(self, condition: f64, residual: f64) -> Error {
        Error::Singular { col: self.col, sum: self.sum, condition, residual }
    }
}

/// Largest absolute value; a NaN counts as the largest.
fn failure(errors: impl Iterator<Item = f64>) -> f64 {
    errors.fold(0.0, |worst: f64, e| if worst.is_nan() || e.abs() <= worst { worst } else { e.abs() })
}

/// Input coefficients `a = z diag(x)^-1`; a column with `x = 0` is 0. One n x n array.
pub fn input_coefficients(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<Array2<f64>> {
    table::expect_shape("x", x.shape(), &[z.ncols()])?;
    let scale = reciprocal(x);
    let mut a = z.as_standard_layout().into_owned();
    Zip::from(a.rows_mut()).par_for_each(|mut row| row *= &scale);
    Ok(a)
}

/// Allocation coefficients of Ghosh (1958), `diag(x)^-1 z`; a row with `x = 0` is 0.
pub fn output_coefficients(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<Array2<f64>> {
    table::expect_shape("x", x.shape(), &[z.nrows()])?;
    let scale = reciprocal(x);
    let mut a = z.as_standard_layout().into_owned();
    Zip::from(a.rows_mut()).and(&scale).par_for_each(|mut row, &s| row *= s);
    Ok(a)
}

/// 1 / x, and 0 where x is 0.
pub(crate) fn reciprocal(x: ArrayView1<f64>) -> Array1<f64> {
    x.mapv(|x| if x == 0.0 { 0.0 } else { 1.0 / x })
}

/// 1 where there is output, and 0 where x is 0: weights of the sum `A x` over columns of Z.
pub(crate) fn counted(x: ArrayView1<f64>) -> Array1<f64> {
    x.mapv(|x| f64::from(x != 0.0))
}

/// `I - z diag(x)^-1`.
pub fn identity_minus(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<Array2<f64>> {
    Ok(one_minus(input_coefficients(z, x)?))
}

fn one_minus(mut a: Array2<f64>) -> Array2<f64> {
    Zip::from(a.rows_mut()).par_for_each(|mut row| row.mapv_inplace(|e| -e));
    a.diag_mut().mapv_inplace(|e| 1.0 + e);
    a
}

/// Matrix times vector, rows in parallel.
pub(crate) fn times(matrix: ArrayView2<f64>, vector: ArrayView1<f64>) -> Array1<f64> {
    let mut out = vec![0.0; matrix.nrows()];
    out.par_chunks_mut(ROWS_PER_TASK)
        .zip(matrix.axis_chunks_iter(Axis(0), ROWS_PER_TASK).into_par_iter())
        .for_each(|(out, rows)| out.iter_mut().zip(rows.outer_iter()).for_each(|(o, row)| *o = row.dot(&vector)));
    Array1::from(out)
}

/// Ghosh inverse `g = (I - diag(x)^-1 z)^-1` (Ghosh 1958; Miller and Blair 2009, chapter 12).
pub fn ghosh_inverse(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<(Array2<f64>, Route)> {
    leontief_inverse(output_coefficients(z, x)?.view())
}

/// LU factors of the global `I - a` of a table: one n x n array, for any number of solves.
pub fn factor(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<Factor> {
    Factor::new(identity_minus(z, x)?)
}

/// LU factors of each region's `I - a^D`.
pub struct Local {
    dims: Dims,
    factors: Vec<Factor>,
}

impl Local {
    /// Factor the domestic blocks of a table; G blocks of N x N are held.
    pub fn new<T: Cell>(z: ArrayView2<T>, x: ArrayView1<f64>, dims: Dims) -> Result<Self> {
        let factors = per_region(dims, |region| {
            let m = local_identity_minus(z, x, dims.block(region));
            Factor::new(m).map_err(|error| error.shifted(dims.block(region).start))
        })?;
        Ok(Self { dims, factors })
    }

    /// `L b`, block by block.
    pub fn solve(&self, b: ArrayView1<f64>) -> Array1<f64> {
        self.apply(b, |factor, part| factor.solve_vector(part))
    }

    /// `b' L`, block by block.
    pub fn solve_transposed(&self, b: ArrayView1<f64>) -> Array1<f64> {
        self.apply(b, |factor, part| factor.solve_transposed_vector(part))
    }

    /// `L b` for the rows of one region of a matrix.
    pub fn solve_block(&self, region: usize, b: Array2<f64>) -> Result<Array2<f64>> {
        self.factors[region].solve(b)
    }

    /// `L b`, or `L' b`, for all rows of a matrix: regions side by side, each column by plain loops.
    fn solve_columns(&self, mut b: Array2<f64>, transposed: bool) -> Array2<f64> {
        let blocks = b.axis_chunks_iter_mut(Axis(0), self.dims.sectors);
        self.factors.par_iter().zip(blocks.into_par_iter()).for_each(|(factor, mut rows)| {
            for mut column in rows.columns_mut() {
                let solved = factor.solve_alone(column.to_owned(), transposed);
                column.assign(&solved);
            }
        });
        b
    }

    fn apply(&self, b: ArrayView1<f64>, solve: impl Fn(&Factor, Array1<f64>) -> Array1<f64> + Sync) -> Array1<f64> {
        let mut out = b.to_owned();
        let work = |(factor, mut part): (&Factor, ndarray::ArrayViewMut1<f64>)| {
            let solved = solve(factor, part.to_owned());
            part.assign(&solved);
        };
        let blocks = out.axis_chunks_iter_mut(Axis(0), self.dims.sectors);
        if self.dims.sectors <= SIDE_BY_SIDE {
            // A few regions a task: a block of 35 sectors takes only a microsecond.
            self.factors.par_iter().zip(blocks.into_par_iter()).with_min_len(REGIONS_PER_TASK).for_each(work);
        } else {
            self.factors.iter().zip(blocks).for_each(work);
        }
        out
    }
}

/// Local Leontief inverses `(I - a^D)^-1`, shape (G, N, N).
pub fn local_inverse(z: ArrayView2<f64>, x: ArrayView1<f64>, dims: Dims) -> Result<Array3<f64>> {
    let blocks = per_region(dims, |region| {
        let a = one_minus(local_identity_minus(z, x, dims.block(region)));
        let (inverse, _) = leontief_inverse(a.view()).map_err(|error| error.shifted(dims.block(region).start))?;
        Ok(inverse)
    })?;
    let mut out = Array3::zeros((dims.regions, dims.sectors, dims.sectors));
    for (mut target, block) in out.outer_iter_mut().zip(&blocks) {
        target.assign(block);
    }
    Ok(out)
}

fn per_region<T: Send>(dims: Dims, work: impl Fn(usize) -> Result<T> + Sync + Send) -> Result<Vec<T>> {
    if dims.sectors <= SIDE_BY_SIDE {
        (0..dims.regions).into_par_iter().map(work).collect()
    } else {
        (0..dims.regions).map(work).collect()
    }
}

/// `I - a` of the rows of one economy.
pub(crate) fn local_identity_minus<T: Cell>(z: ArrayView2<T>, x: ArrayView1<f64>, rows: Range<usize>) -> Array2<f64> {
    let scale = reciprocal(x.slice(s![rows.clone()]));
    let mut m = Array2::zeros((rows.len(), rows.len()));
    m.zip_mut_with(&z.slice(s![rows.clone(), rows]), |m, z| *m = z.widen());
    m.outer_iter_mut().for_each(|mut row| Zip::from(&mut row).and(&scale).for_each(|e, s| *e *= -s));
    m.diag_mut().mapv_inplace(|e| 1.0 + e);
    m
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// Miller and Blair (2009), Input-Output Analysis, 2nd ed., tables 2.3 and 2.4.
    fn miller_blair() -> (Array2<f64>, Array1<f64>) {
        (array![[150.0, 500.0], [200.0, 100.0]], array![1000.0, 2000.0])
    }

    #[test]
    fn miller_and_blair_two_sectors() -> Result<()> {
        let (z, x) = miller_blair();
        let a = input_coefficients(z.view(), x.view())?;
        assert_eq!(a, array![[0.15, 0.25], [0.20, 0.05]]);
        let (b, route) = leontief_inverse(a.view())?;
        assert_eq!(route, Route::Plain);
        let published = array![[1.2541, 0.3300], [0.2640, 1.1221]];
        assert!((b - published).iter().all(|e| e.abs() < 5e-5));
        let (g, _) = ghosh_inverse(z.view(), x.view())?;
        let primary = array![650.0, 1400.0];
        assert!((primary.dot(&g) - x).iter().all(|e| e.abs() < 1e-9));
        Ok(())
    }

    #[test]
    fn no_output_gives_a_zero_column() -> Result<()> {
        let a = input_coefficients(array![[1.0, 2.0], [3.0, 4.0]].view(), array![0.0, 8.0].view())?;
        assert_eq!(a, array![[0.0, 0.25], [0.0, 0.5]]);
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
        let a = array![[0.1, 0.9], [0.1, 0.3]];
        assert_eq!(leontief_inverse(a.view())?.1, Route::Plain);
        Ok(())
    }

    #[test]
    fn negative_coefficients_fall_back_to_pivoting() -> Result<()> {
        let a = array![[1.0, -2.0], [1.0, -2.0]];
        let (b, route) = leontief_inverse(a.view())?;
        assert_eq!(route, Route::Pivoted);
        assert!(((Array2::<f64>::eye(2) - a).dot(&b) - Array2::<f64>::eye(2)).iter().all(|e| e.abs() < 1e-12));
        Ok(())
    }

    #[test]
    fn local_blocks_and_the_column_of_a_bad_one() -> Result<()> {
        let dims = Dims { regions: 2, sectors: 2 };
        let mut z = Array2::from_elem((4, 4), 1.0);
        let x = Array1::from_elem(4, 10.0);
        let l = local_inverse(z.view(), x.view(), dims)?;
        let (block, _) = leontief_inverse(Array2::from_elem((2, 2), 0.1).view())?;
        assert!((&l.index_axis(Axis(0), 1) - &block).iter().all(|e| e.abs() < 1e-15));
        let local = Local::new(z.view(), x.view(), dims)?;
        let b = array![1.0, 2.0, 3.0, 4.0];
        assert!((local.solve(b.view()).slice(s![..2]).to_owned() - block.dot(&b.slice(s![..2]))).sum().abs() < 1e-14);
        z[[3, 3]] = 20.0;
        assert!(matches!(Local::new(z.view(), x.view(), dims), Err(Error::NotProductive { col: 3, .. })));
        Ok(())
    }
}
