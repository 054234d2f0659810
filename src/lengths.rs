//! Lengths of production chains (Wang, Wei, Yu and Zhu 2017, NBER working paper 23261).
//!
//! Output that a unit of value added (forward) or of final goods (backward) calls forth, part by part. The paper writes
//! products of n x n matrices; their row and column sums need a handful of solves with one LU of I - A, and local ones.

use ndarray::{Array1, Array2, ArrayView1, Axis, stack};

use crate::error::Result;
use crate::foreign;
use crate::leontief::{Local, Solver, counted, reciprocal};
use crate::participation::scaled_columns;
use crate::table::{Table, over_output};

/// Columns of the result: gross output called forth, then the value added (or final goods) that it stands for.
pub const COLUMNS: [&str; 14] = [
    "total",
    "domestic",
    "traditional",
    "gvc_domestic",
    "gvc_crossings",
    "gvc_foreign",
    "value_total",
    "value_domestic",
    "value_traditional",
    "value_gvc",
    "simple_domestic",
    "simple_crossings",
    "simple_foreign",
    "value_simple",
];

/// Forward, by row: `V^BBY^` and its parts summed over columns. n x 14.
///
/// total `v.Bx`; domestic `v.LLy^D`; traditional `v.LLy^F`; GVC: `v.LLA^Fx`, `v.BA^Fx`, `v.LA^FBA^Dx`; values `v.x`,
/// `v.Ly^D`, `v.Ly^F`, `v.LA^Fx`. Simple GVC, with `w = Ly^D`: `v.LLA^Fw`, `v.LA^Fw`, `v.LA^F(L - I)w`, of value `v.LA^Fw`.
pub fn forward(table: &Table, solver: &dyn Solver) -> Result<Array2<f64>> {
    let local = Local::new(table.z, table.x, table.dims)?;
    let (home, abroad) = table.final_goods();
    let (per_unit, counted) = (reciprocal(table.x), counted(table.x));
    let used = local.solve(home.view());
    let used_again = local.solve(used.view());
    let (once, again) = (&used * &per_unit, (&used_again - &used) * &per_unit);
    let sent = foreign::products(table.z, table.dims, &[counted.view(), once.view(), again.view()]);
    let (foreign, simple, simple_abroad) = (&sent[0], &sent[1], &sent[2]);
    let domestic_inputs = domestic_product(table, counted.view());
    let x = table.x.to_owned();
    let solved = solver.solve(columns([&x, foreign, &domestic_inputs]))?;
    let at_home = &solved.column(2) * &per_unit;
    let abroad_then_home = &foreign::products(table.z, table.dims, &[at_home.view()])[0];

    let once = |u: &Array1<f64>| local.solve(u.view());
    let l_simple = once(simple);
    let (l_home, l_abroad, l_foreign) = (used, once(&abroad), once(foreign));
    let parts = [
        solved.column(0).to_owned(),
        used_again,
        once(&l_abroad),
        once(&l_foreign),
        solved.column(1).to_owned(),
        once(abroad_then_home),
        x,
        l_home,
        l_abroad,
        l_foreign,
        once(&l_simple),
        l_simple.clone(),
        once(simple_abroad),
        l_simple,
    ];
    Ok(scaled_columns(&parts, table.v().view()))
}

/// Backward, by column: `V^BBY^` and its parts summed over rows. n x 14.
///
/// total `(B'B'v).y`; domestic `(vLL).y^D`; traditional `(vLL).y^F`; GVC: `B'(vLLA^F).y`, `B'((B'v)A^F).y`,
/// `B'(B'(vLA^F)A^D).y`; values `(B'v).y`, `(vL).y^D`, `(vL).y^F`, `B'(vLA^F).y`. Simple GVC: `(vLLA^FL).y^D`,
/// `(vLA^FL).y^D`, `(vLA^F(LL - L)).y^D`, of value `(vLA^FL).y^D`.
pub fn backward(table: &Table, solver: &dyn Solver) -> Result<Array2<f64>> {
    let local = Local::new(table.z, table.x, table.dims)?;
    let (home, abroad) = table.final_goods();
    let goods = &home + &abroad;
    let vl = local.solve_transposed(table.v().view());
    let vll = local.solve_transposed(vl.view());
    let vb = left(solver, table.v())?;
    let through = foreign::left_products(table.z, table.dims, &[vl.view(), vll.view(), vb.view()]);
    let per_output = |k: usize| over_output(through[k].view(), table.x);
    let (entry, longer, crossing) = (per_output(0), per_output(1), per_output(2));
    let solved = solver.solve_transposed(columns([&vb, &entry, &longer, &crossing]))?;
    let at_home = domestic_left_product(table, solved.column(1));
    let foreign = left(solver, over_output(at_home.view(), table.x))?;

    let simple = local.solve_transposed(entry.view());
    let simple_again = local.solve_transposed(simple.view());
    let simple_longer = local.solve_transposed(longer.view());

    let parts = [
        &solved.column(0) * &goods,
        &vll * &home,
        &vll * &abroad,
        &solved.column(2) * &goods,
        &solved.column(3) * &goods,
        &foreign * &goods,
        &vb * &goods,
        &vl * &home,
        &vl * &abroad,
        &solved.column(1) * &goods,
        &simple_longer * &home,
        &simple * &home,
        (&simple_again - &simple) * &home,
        &simple * &home,
    ];
    Ok(scaled_columns(&parts, Array1::ones(goods.len()).view()))
}

/// Upstreamness times output, `w = B x`: `U = w / x` solves `U = 1 + x^-1 Z U` (Antras and Chor 2018).
pub fn upstream_output(solver: &dyn Solver, x: ArrayView1<f64>) -> Result<Array1<f64>> {
    Ok(solver.solve(x.to_owned().insert_axis(Axis(1)))?.remove_axis(Axis(1)))
}

/// Downstreamness `D = B'1`, the column sums of B.
pub fn downstreamness(solver: &dyn Solver) -> Result<Array1<f64>> {
    left(solver, Array1::ones(solver.order()))
}

/// `b' B` of one vector.
fn left(solver: &dyn Solver, b: Array1<f64>) -> Result<Array1<f64>> {
    Ok(solver.solve_transposed(b.insert_axis(Axis(1)))?.remove_axis(Axis(1)))
}

/// `Z^D u`: the domestic blocks only.
fn domestic_product(table: &Table, u: ArrayView1<f64>) -> Array1<f64> {
    let mut out = Array1::zeros(table.dims.n());
    for region in 0..table.dims.regions {
        let rows = table.dims.block(region);
        let block = table.z.slice(ndarray::s![rows.clone(), rows.clone()]);
        out.slice_mut(ndarray::s![rows.clone()]).assign(&block.dot(&u.slice(ndarray::s![rows])));
    }
    out
}

/// `u' Z^D`.
fn domestic_left_product(table: &Table, u: ArrayView1<f64>) -> Array1<f64> {
    let mut out = Array1::zeros(table.dims.n());
    for region in 0..table.dims.regions {
        let rows = table.dims.block(region);
        let block = table.z.slice(ndarray::s![rows.clone(), rows.clone()]);
        out.slice_mut(ndarray::s![rows.clone()]).assign(&u.slice(ndarray::s![rows]).dot(&block));
    }
    out
}

fn columns<const K: usize>(vectors: [&Array1<f64>; K]) -> Array2<f64> {
    // All vectors have n entries, so stacking can't fail; an empty array would fail the caller's shapes.
    stack(Axis(1), &vectors.map(|v| v.view()))
        .map(|m| m.as_standard_layout().into_owned())
        .unwrap_or_else(|_| Array2::zeros((0, K)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leontief;
    use ndarray::array;

    #[test]
    fn a_chain_without_inputs_has_length_one() -> Result<()> {
        let z = Array2::zeros((2, 2));
        let y = array![[3.0, 1.0], [2.0, 5.0]];
        let x = y.sum_axis(Axis(1));
        let t = Table::new(z.view(), y.view(), x.view(), x.view(), 1)?;
        let factor = leontief::factor(t.z, t.x)?;
        for result in [forward(&t, &factor)?, backward(&t, &factor)?] {
            assert_eq!(result.column(0), result.column(6));
            assert_eq!(result.column(1), result.column(7));
            assert!(result.column(3).iter().chain(result.column(9)).all(|e| *e == 0.0));
        }
        assert_eq!(downstreamness(&factor)?, array![1.0, 1.0]);
        assert_eq!(upstream_output(&factor, x.view())?, x);
        Ok(())
    }

    #[test]
    fn one_country_has_the_lengths_of_its_own_inverse() -> Result<()> {
        let z = array![[150.0, 500.0], [200.0, 100.0]];
        let y = array![[350.0], [1700.0]];
        let (x, va) = (array![1000.0, 2000.0], array![650.0, 1400.0]);
        let t = Table::new(z.view(), y.view(), x.view(), va.view(), 2)?;
        let factor = leontief::factor(t.z, t.x)?;
        let (b, _) = leontief::leontief_inverse(leontief::input_coefficients(t.z, t.x)?.view())?;
        let rows = forward(&t, &factor)?;
        assert!((rows.column(0).to_owned() - t.v() * b.dot(&x)).iter().all(|e| e.abs() < 1e-9));
        assert!((rows.column(1).to_owned() - rows.column(0)).iter().all(|e| e.abs() < 1e-9));
        assert!((downstreamness(&factor)? - b.sum_axis(Axis(0))).iter().all(|e| e.abs() < 1e-12));
        Ok(())
    }
}
