//! Participation in global value chains (Wang, Wei, Yu and Zhu 2017, NBER working paper 23222, equations 5 to 9).
//!
//! `V^ B Y^ = V^ L Y^D + V^ L Y^F + V^ L A^F L Y^D + V^ L A^F (B Y^ - L Y^D)`: pure domestic, traditional trade,
//! simple and complex GVC. Row sums (forward) trace where value added goes; column sums (backward) trace what final
//! goods are made of. Because `B y` is known (it is x in most tables) and `v'B` is 1', neither needs a global inverse: both
//! cost one pass over Z.

use ndarray::{Array1, Array2, ArrayView1, Axis, concatenate};

use super::{Uses, columns, local_and_goods, scaled_columns};
use crate::error::Result;
use crate::leontief::{Local, Solver};
use crate::machine::passes;
use crate::machine::simd::Cell;
use crate::options::Named;
use crate::table::{Table, per_output};

/// The terms of the decomposition, in the order of the columns; all but the first are the kinds of flows between regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// Made and used at home.
    Domestic,
    /// Crosses a border once, in a final good.
    Traditional,
    /// Crosses a border once for production, and is absorbed there.
    Simple,
    /// Crosses borders at least twice.
    Complex,
}

impl Named for Term {
    const OPTION: &'static str = "kind";
    const NAMES: &'static [(&'static str, Self)] = &[
        ("domestic", Self::Domestic),
        ("traditional", Self::Traditional),
        ("simple", Self::Simple),
        ("complex", Self::Complex),
    ];
}

/// Forward participation: value added by origin, n x 4 in the order of [`Term`]. Rows sum to `v o B y`: v x, but
/// where a sector buys without output.
pub fn forward<T: Cell>(table: &Table<T>) -> Result<Array2<f64>> {
    let uses = Uses::of(table)?;
    let inputs = passes::products(table.z, table.blocks.bounds(), &[uses.simple.view(), uses.all.view()]);
    let complex = &inputs[1] - &inputs[0];
    let abroad = columns([&uses.abroad, &inputs[0], &complex]);
    let solved = uses.local.solve_columns(abroad, false);
    let terms = concatenate![Axis(1), uses.at_home.insert_axis(Axis(1)), solved];
    Ok(terms * table.v.view().insert_axis(Axis(1)))
}

/// Backward participation: final goods by origin of their value, n x 4 in the order of [`Term`].
///
/// Rows sum to `v'B o y`. `v'B` is 1 when value added is `x - 1'z` and each sector that buys has output; else it must come
/// as `all` (one left solve).
pub fn backward<T: Cell>(table: &Table<T>, all: Option<ArrayView1<f64>>) -> Result<Array2<f64>> {
    let (local, (home, abroad)) = local_and_goods(table)?;
    let domestic = local.solve_transposed(table.v.view());
    let imported = &passes::left_products(table.z, table.blocks.bounds(), &[domestic.view()])[0];
    let simple = local.solve_transposed(per_output(imported.view(), table.x.view()).view());
    let goods = &home + &abroad;
    let total = match all {
        Some(all) => &all * &goods,
        None => goods.clone(),
    };
    // Only goods that are used where they are made: sold on, their imported part crosses a second border.
    let simple_goods = &simple * &home;
    let complex = total - &domestic * &goods - &simple_goods;
    let columns = [&domestic * &home, &domestic * &abroad, simple_goods, complex];
    Ok(scaled_columns(&columns, Array1::ones(goods.len()).view()))
}

/// Of the complex forward term, the part that returns home: `v_s [(B Y)_ss - L_ss Y_ss]`, n.
///
/// Value added of s that is absorbed in s after having crossed borders. G right-hand sides.
pub fn returned_forward(table: &Table, solver: &dyn Solver) -> Result<Array1<f64>> {
    let absorbed = solver.solve(table.y.to_owned())?;
    Ok((table.blocks.own(absorbed.view()) - Uses::of(table)?.at_home) * &table.v)
}

/// Of the complex backward term, the part that is home value added: `v_r (B_rr - L_rr) y_r`, n.
///
/// Value added of the final-goods producer's own country that left as an intermediate and came back. G left solves.
pub fn returned_backward(table: &Table, solver: &dyn Solver) -> Result<Array1<f64>> {
    let content = value_added_content(table, solver)?;
    let local = Local::new(table.z, table.x.view(), &table.blocks)?;
    let domestic = local.solve_transposed(table.v.view());
    let (home, abroad) = table.final_goods();
    Ok((table.blocks.own(content.view()) - domestic) * (home + abroad))
}

/// Value added of each region per unit of final good: row j, column s holds `v_s' B_sj`. n x G, G left solves.
pub fn value_added_content(table: &Table, solver: &dyn Solver) -> Result<Array2<f64>> {
    solver.solve_transposed(table.blocks.spread(table.v.view()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leontief::{factor, input_coefficients, leontief_inverse, local_inverse};
    use crate::table::tests::{Small, close};
    use ndarray::s;

    #[test]
    fn terms_add_up_and_equal_the_literal_products() -> Result<()> {
        let small = Small::new();
        let t = small.table()?;
        let a = input_coefficients(t.z, t.x.view())?;
        let (b, _) = leontief_inverse(a.view())?;
        let blocks = local_inverse(t.z, t.x.view(), &t.blocks)?;
        let (mut l, mut af) = (Array2::zeros((4, 4)), a.clone());
        for (g, rows) in t.blocks.iter() {
            l.slice_mut(s![rows.clone(), rows.clone()]).assign(&blocks.index_axis(Axis(0), g));
            af.slice_mut(s![rows.clone(), rows]).fill(0.0);
        }
        let (home, abroad) = t.final_goods();
        let [yd, y] = [&home, &(&home + &abroad)].map(Array2::from_diag);
        let vl = Array2::from_diag(&t.v).dot(&l);
        let literal = [
            vl.dot(&yd),
            vl.dot(&Array2::from_diag(&abroad)),
            vl.dot(&af).dot(&l).dot(&yd),
            vl.dot(&af).dot(&(b.dot(&y) - l.dot(&yd))),
        ];
        let rows = forward(&t)?;
        for (k, term) in literal.iter().enumerate() {
            assert!(close(&term.sum_axis(Axis(1)), &rows.column(k).to_owned(), 1e-12), "forward {k}");
        }
        assert!(close(&rows.sum_axis(Axis(1)), &small.va, 1e-12));

        let columns = backward(&t, None)?;
        assert!(close(&columns.sum_axis(Axis(1)), &(home + abroad), 1e-12));
        assert!(close(&literal[2].sum_axis(Axis(0)), &columns.column(2).to_owned(), 1e-12));
        Ok(())
    }

    #[test]
    fn what_returns_equals_the_literal_products() -> Result<()> {
        let small = Small::new();
        let t = small.table()?;
        let factor = factor(t.z, t.x.view())?;
        let (b, _) = leontief_inverse(input_coefficients(t.z, t.x.view())?.view())?;
        let l = local_inverse(t.z, t.x.view(), &t.blocks)?;
        let goods = t.y.sum_axis(Axis(1));
        let (absorbed, forward) = (b.dot(&t.y), returned_forward(&t, &factor)?);
        let backward = returned_backward(&t, &factor)?;
        for (g, rows) in t.blocks.iter() {
            let block = b.slice(s![rows.clone(), rows.clone()]).to_owned() - l.index_axis(Axis(0), g);
            let made = t.v.slice(s![rows.clone()]).dot(&block) * goods.slice(s![rows.clone()]);
            let home = l.index_axis(Axis(0), g).dot(&t.y.slice(s![rows.clone(), g]));
            for (i, row) in rows.enumerate() {
                assert!((forward[row] - t.v[row] * (absorbed[[row, g]] - home[i])).abs() < 1e-12);
                assert!((backward[row] - made[i]).abs() < 1e-12 && made[i] > 0.0);
            }
        }
        Ok(())
    }
}
