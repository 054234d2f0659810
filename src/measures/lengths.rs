//! Lengths of production chains (Wang, Wei, Yu and Zhu 2017, NBER working paper 23261).
//!
//! Output that a unit of value added (forward) or of final goods (backward) calls forth, part by part. The paper writes
//! products of n x n matrices; their row and column sums need a handful of solves with one LU of I - A, and local ones.

use ndarray::{Array1, Array2, ArrayView1, Axis, s};

use super::{Uses, columns, scaled_columns};
use crate::error::Result;
use crate::leontief::{Local, Solver};
use crate::machine::passes;
use crate::table::{Table, per_output};

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
/// With `x = By`: total `v.Bx`; domestic `v.LLy^D`; traditional `v.LLy^F`; GVC: `v.LLA^Fx`, `v.BA^Fx`, `v.LA^FBA^Dx`;
/// values `v.x`, `v.Ly^D`, `v.Ly^F`, `v.LA^Fx`. Simple GVC, with `w = Ly^D`: `v.LLA^Fw`, `v.LA^Fw`, `v.LA^F(L - I)w`, of value `v.LA^Fw`.
pub fn forward(table: &Table, solver: &dyn Solver) -> Result<Array2<f64>> {
    let uses = Uses::of(table)?;
    let used_again = uses.local.solve(uses.at_home.view());
    let again = per_output((&used_again - &uses.at_home).view(), table.x.view());
    let sent = passes::products(table.z, table.blocks.bounds(), &[uses.all.view(), uses.simple.view(), again.view()]);
    let (foreign, simple, simple_abroad) = (&sent[0], &sent[1], &sent[2]);
    let domestic_inputs = domestic_product(table, uses.all.view(), false);
    let made = table.made.clone();
    let solved = solver.solve(columns([&made, foreign, &domestic_inputs]))?;
    let at_home = per_output(solved.column(2), table.x.view());
    let abroad_then_home = &passes::products(table.z, table.blocks.bounds(), &[at_home.view()])[0];

    let once = |u: &Array1<f64>| uses.local.solve(u.view());
    let l_simple = once(simple);
    let (l_abroad, l_foreign) = (once(&uses.abroad), once(foreign));
    let parts = [
        solved.column(0).to_owned(),
        used_again,
        once(&l_abroad),
        once(&l_foreign),
        solved.column(1).to_owned(),
        once(abroad_then_home),
        made,
        uses.at_home.clone(),
        l_abroad,
        l_foreign,
        once(&l_simple),
        l_simple.clone(),
        once(simple_abroad),
        l_simple,
    ];
    Ok(scaled_columns(&parts, table.v.view()))
}

/// Backward, by column: `V^BBY^` and its parts summed over rows. n x 14.
///
/// total `(B'B'v).y`; domestic `(vLL).y^D`; traditional `(vLL).y^F`; GVC: `B'(vLLA^F).y`, `B'((B'v)A^F).y`,
/// `B'(B'(vLA^F)A^D).y`; values `(B'v).y`, `(vL).y^D`, `(vL).y^F`, `B'(vLA^F).y`. Simple GVC: `(vLLA^FL).y^D`,
/// `(vLA^FL).y^D`, `(vLA^F(LL - L)).y^D`, of value `(vLA^FL).y^D`.
pub fn backward(table: &Table, solver: &dyn Solver) -> Result<Array2<f64>> {
    let local = Local::new(table.z, table.x.view(), &table.blocks)?;
    let (home, abroad) = table.final_goods();
    let goods = &home + &abroad;
    let once = |u: &Array1<f64>| local.solve_transposed(u.view());
    let vl = once(&table.v);
    let vll = once(&vl);
    let vb = left(solver, table.v.clone())?;
    let through = passes::left_products(table.z, table.blocks.bounds(), &[vl.view(), vll.view(), vb.view()]);
    let [entry, longer, crossing] = [0, 1, 2].map(|k| per_output(through[k].view(), table.x.view()));
    let solved = solver.solve_transposed(columns([&vb, &entry, &longer, &crossing]))?;
    let at_home = domestic_product(table, solved.column(1), true);
    let foreign = left(solver, per_output(at_home.view(), table.x.view()))?;

    let simple = once(&entry);
    let simple_again = once(&simple);
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
        &once(&longer) * &home,
        &simple * &home,
        (&simple_again - &simple) * &home,
        &simple * &home,
    ];
    Ok(scaled_columns(&parts, Array1::ones(goods.len()).view()))
}

/// Upstreamness times output, `w = B x`: `U = w / x` solves `U = 1 + x^-1 Z U` (Antras and Chor 2018).
pub fn upstream_output(solver: &dyn Solver, x: ArrayView1<f64>) -> Result<Array1<f64>> {
    Ok(solver.solve(columns([&x.to_owned()]))?.remove_axis(Axis(1)))
}

/// Downstreamness `D = B'1`, the column sums of B.
pub fn downstreamness(solver: &dyn Solver) -> Result<Array1<f64>> {
    left(solver, Array1::ones(solver.order()))
}

/// `b' B` of one vector.
fn left(solver: &dyn Solver, b: Array1<f64>) -> Result<Array1<f64>> {
    Ok(solver.solve_transposed(b.insert_axis(Axis(1)))?.remove_axis(Axis(1)))
}

/// `Z^D u`, or `u' Z^D`: the domestic blocks only.
fn domestic_product(table: &Table, u: ArrayView1<f64>, left: bool) -> Array1<f64> {
    let mut out = Array1::zeros(u.len());
    for (_, rows) in table.blocks.iter() {
        let block = table.z.slice(s![rows.clone(), rows.clone()]);
        let u = u.slice(s![rows.clone()]);
        out.slice_mut(s![rows]).assign(&if left { u.dot(&block) } else { block.dot(&u) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leontief::{factor, inverse_of_flows};
    use crate::table::tests::{Small, close};
    use ndarray::array;

    #[test]
    fn a_chain_without_inputs_has_length_one() -> Result<()> {
        let small = Small::of(Array2::zeros((2, 2)), array![[3.0, 1.0], [2.0, 5.0]]);
        let t = small.table()?;
        let factor = factor(t.z, t.x.view())?;
        for result in [forward(&t, &factor)?, backward(&t, &factor)?] {
            assert_eq!(result.column(0), result.column(6));
            assert_eq!(result.column(1), result.column(7));
            assert!(result.column(3).iter().chain(result.column(9)).all(|e| *e == 0.0));
        }
        assert_eq!(downstreamness(&factor)?, array![1.0, 1.0]);
        assert_eq!(upstream_output(&factor, t.x.view())?, t.x);
        Ok(())
    }

    #[test]
    fn one_country_has_the_lengths_of_its_own_inverse() -> Result<()> {
        let small = Small::of(array![[150.0, 500.0], [200.0, 100.0]], array![[350.0], [1700.0]]);
        let t = small.table()?;
        let factor = factor(t.z, t.x.view())?;
        let (b, _) = inverse_of_flows(t.z, t.x.view())?;
        let rows = forward(&t, &factor)?;
        assert!(close(&rows.column(0).to_owned(), &(&t.v * &b.dot(&t.x)), 1e-9));
        assert!(close(&rows.column(1).to_owned(), &rows.column(0).to_owned(), 1e-9));
        assert!(close(&downstreamness(&factor)?, &b.sum_axis(Axis(0)), 1e-12));
        Ok(())
    }
}
