//! Input and allocation coefficients, and `I - a`. A column (or row) with `x = 0` is 0.

use std::ops::Range;

use ndarray::{Array2, ArrayView1, ArrayView2, Zip, s};

use crate::error::{Result, expect_shape};
use crate::machine::memory;
use crate::machine::simd::Cell;
use crate::table::reciprocal;

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

/// `I - z diag(x)^-1`.
pub fn identity_minus(z: ArrayView2<f64>, x: ArrayView1<f64>) -> Result<Array2<f64>> {
    let mut m = input_coefficients(z, x)?;
    Zip::from(m.rows_mut()).par_for_each(|mut row| row.mapv_inplace(|e| -e));
    m.diag_mut().mapv_inplace(|e| 1.0 + e);
    Ok(m)
}

/// Input coefficients of one region's rows among themselves.
pub fn local_coefficients<T: Cell>(z: ArrayView2<T>, x: ArrayView1<f64>, rows: Range<usize>) -> Result<Array2<f64>> {
    let scale = reciprocal(x.slice(s![rows.clone()]))?;
    let mut a = Array2::zeros((rows.len(), rows.len()));
    a.zip_mut_with(&z.slice(s![rows.clone(), rows]), |a, z| *a = z.widen());
    a *= &scale;
    Ok(a)
}

/// `I - a` of one region's rows.
pub fn local_identity_minus<T: Cell>(z: ArrayView2<T>, x: ArrayView1<f64>, rows: Range<usize>) -> Result<Array2<f64>> {
    let mut m = local_coefficients(z, x, rows)?;
    m.mapv_inplace(|e| -e);
    m.diag_mut().mapv_inplace(|e| 1.0 + e);
    Ok(m)
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
