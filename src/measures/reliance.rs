//! Reliance on inputs and on markets: at face value, and look-through (Baldwin, Freeman and Theodorakopoulos 2022).

use ndarray::{Array1, Array2, Zip};

use crate::error::Result;
use crate::leontief::Solver;
use crate::machine::{passes, simd};
use crate::table::{Blocks, Table};

/// Gross output of each region that a unit of each column's output needs as inputs, direct and indirect (`B - I`): G x n.
///
/// G left solves. At face value the same sums of A: `supplied`.
pub fn required(solver: &dyn Solver, blocks: &Blocks) -> Result<Array2<f64>> {
    let units = blocks.spread(Array1::ones(blocks.n()).view());
    let mut sums = solver.solve_transposed(units)?.reversed_axes().as_standard_layout().into_owned();
    for (col, region) in blocks.regions().into_iter().enumerate() {
        sums[[region, col]] -= 1.0;
    }
    Ok(sums)
}

/// Inputs of each column by region of origin, `sum_i Z`: G x n, one pass over Z.
pub fn supplied(table: &Table) -> Array2<f64> {
    passes::block_sums(table.z, table.blocks.bounds())
}

/// Sales of each row by region of use, intermediate and final: n x G, one pass over Z.
pub fn sold(table: &Table) -> Array2<f64> {
    let mut out = table.y.to_owned();
    Zip::from(out.rows_mut()).and(table.z.rows()).par_for_each(|mut into, row| {
        let row = simd::contiguous(row);
        let parts = table.blocks.iter().map(|(_, columns)| row[columns].iter().sum::<f64>());
        into.iter_mut().zip(parts).for_each(|(into, part)| *into += part);
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leontief::{factor, inverse_of_flows};
    use crate::table::tests::{Small, close};
    use ndarray::Axis;

    #[test]
    fn required_inputs_are_sums_of_the_inverse() -> Result<()> {
        let small = Small::new();
        let t = small.table()?;
        let (b, _) = inverse_of_flows(t.z, t.x.view())?;
        let want = t.blocks.sum_rows((b - Array2::<f64>::eye(4)).view());
        assert!(close(&required(&factor(t.z, t.x.view())?, &t.blocks)?, &want, 1e-13));
        assert_eq!(sold(&t).row(0).to_vec(), vec![45.0, 11.0]);
        assert_eq!(supplied(&t).row(1).to_vec(), vec![3.0, 7.0, 20.0, 32.0]);
        assert_eq!(supplied(&t).sum_axis(Axis(0)), t.z.sum_axis(Axis(0)));
        Ok(())
    }
}
