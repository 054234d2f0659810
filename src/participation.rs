//! Participation in global value chains (Wang, Wei, Yu and Zhu 2017, NBER working paper 23222, equations 5 to 9).
//!
//! `V^ B Y^ = V^ L Y^D + V^ L Y^F + V^ L A^F L Y^D + V^ L A^F (B Y^ - L Y^D)`: pure domestic, traditional trade,
//! simple and complex GVC. Row sums (forward) trace where value added goes; column sums (backward) trace what final
//! goods are made of. Because `B y = x` and `v'B = 1'`, neither needs a global inverse: both cost one pass over Z.

use ndarray::{Array1, Array2, ArrayView1, Zip};

use crate::error::Result;
use crate::foreign;
use crate::leontief::{Local, Solver, counted, reciprocal};
use crate::simd::Cell;
use crate::table::{Dims, Table};

/// The terms of the decomposition, in the order of the columns.
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

impl Term {
    /// All terms, in column order.
    pub const ALL: [Self; 4] = [Self::Domestic, Self::Traditional, Self::Simple, Self::Complex];

    /// The column's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Domestic => "domestic",
            Self::Traditional => "traditional",
            Self::Simple => "simple",
            Self::Complex => "complex",
        }
    }
}

/// Forward participation: value added by origin, n x 4 in the order of [`Term::ALL`]. Rows sum to `v x`.
pub fn forward<T: Cell>(table: &Table<T>) -> Result<Array2<f64>> {
    let local = Local::new(table.z, table.x, table.dims)?;
    let (home, abroad) = table.final_goods();
    let for_home = local.solve(home.view());
    let per_unit = reciprocal(table.x);
    let uses = [&for_home * &per_unit, counted(table.x)];
    let inputs = foreign::products(table.z, table.dims, &[uses[0].view(), uses[1].view()]);
    let (inputs_simple, inputs_complex) = (&inputs[0], &inputs[1] - &inputs[0]);
    let columns =
        [for_home, local.solve(abroad.view()), local.solve(inputs_simple.view()), local.solve(inputs_complex.view())];
    Ok(scaled_columns(&columns, table.v().view()))
}

/// Backward participation: final goods by origin of their value, n x 4 in the order of [`Term::ALL`].
///
/// Rows sum to final goods output y when value added is `x - 1'z`. With another value-added row, `all` must be `v'B`
/// (one left solve), and the rows sum to `v'B y`.
pub fn backward<T: Cell>(table: &Table<T>, all: Option<ArrayView1<f64>>) -> Result<Array2<f64>> {
    let local = Local::new(table.z, table.x, table.dims)?;
    let (home, abroad) = table.final_goods();
    let domestic = local.solve_transposed(table.v().view());
    let imported = &foreign::left_products(table.z, table.dims, &[domestic.view()])[0] * &reciprocal(table.x);
    let simple = local.solve_transposed(imported.view());
    let goods = &home + &abroad;
    let total = match all {
        Some(all) => &all * &goods,
        None => goods.to_owned(),
    };
    // Only goods that are used where they are made: sold on, their imported part crosses a second border.
    let simple_goods = &simple * &home;
    let complex = total - &domestic * &goods - &simple_goods;
    let mut out = Array2::zeros((table.dims.n(), Term::ALL.len()));
    for (mut column, values) in
        out.columns_mut().into_iter().zip([&domestic * &home, &domestic * &abroad, simple_goods, complex])
    {
        column.assign(&values);
    }
    Ok(out)
}

/// Of the complex forward term, the part that returns home: `v_s [(B Y)_ss - L_ss Y_ss]`, n.
///
/// Value added of s that is absorbed in s after having crossed borders. G right-hand sides.
pub fn returned_forward(table: &Table, solver: &dyn Solver) -> Result<Array1<f64>> {
    let dims = table.dims;
    let absorbed = solver.solve(table.y.to_owned())?;
    let local = Local::new(table.z, table.x, dims)?;
    let (home, _) = table.final_goods();
    let at_home = local.solve(home.view());
    let mut out = table.v();
    for (row, value) in out.iter_mut().enumerate() {
        *value *= absorbed[[row, dims.region(row)]] - at_home[row];
    }
    Ok(out)
}

/// Of the complex backward term, the part that is home value added: `v_r (B_rr - L_rr) y_r`, n.
///
/// Value added of the final-goods producer's own country that left as an intermediate and came back. G left solves.
pub fn returned_backward(table: &Table, solver: &dyn Solver) -> Result<Array1<f64>> {
    let dims = table.dims;
    let content = value_added_content(table, solver)?;
    let local = Local::new(table.z, table.x, dims)?;
    let domestic = local.solve_transposed(table.v().view());
    let (home, abroad) = table.final_goods();
    Ok(Array1::from_shape_fn(dims.n(), |col| {
        (content[[col, dims.region(col)]] - domestic[col]) * (home[col] + abroad[col])
    }))
}

/// Value added of each region per unit of final good: row j, column s holds `v_s' B_sj`. n x G, G left solves.
pub fn value_added_content(table: &Table, solver: &dyn Solver) -> Result<Array2<f64>> {
    solver.solve_transposed(by_region(table.v().view(), table.dims))
}

/// A vector spread over one column per region: n x G, zero outside the region's own rows.
pub fn by_region(values: ArrayView1<f64>, dims: Dims) -> Array2<f64> {
    let mut out = Array2::zeros((dims.n(), dims.regions));
    for (row, value) in values.iter().enumerate() {
        out[[row, dims.region(row)]] = *value;
    }
    out
}

/// Columns times a common scale by row.
pub fn scaled_columns(columns: &[Array1<f64>], scale: ArrayView1<f64>) -> Array2<f64> {
    let mut out = Array2::zeros((scale.len(), columns.len()));
    for (mut target, column) in out.columns_mut().into_iter().zip(columns) {
        Zip::from(&mut target).and(column).and(scale).for_each(|t, c, s| *t = c * s);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leontief;
    use ndarray::{Axis, array, s};

    /// Two regions, two sectors, made up for the test; x = z 1 + y 1.
    fn with_table<T>(check: impl FnOnce(&Table) -> Result<T>) -> Result<T> {
        let z = array![[10.0, 5.0, 3.0, 2.0], [4.0, 20.0, 1.0, 6.0], [2.0, 3.0, 15.0, 7.0], [1.0, 4.0, 5.0, 25.0]];
        let y = array![[30.0, 6.0], [40.0, -2.0], [5.0, 50.0], [8.0, 60.0]];
        let (rows, cols) = crate::table::sums(z.view());
        let x = rows + y.sum_axis(Axis(1));
        let va = &x - &cols;
        check(&Table::new(z.view(), y.view(), x.view(), va.view(), 2)?)
    }

    #[test]
    fn terms_add_up_and_equal_the_literal_products() -> Result<()> {
        with_table(|t| {
            let a = leontief::input_coefficients(t.z, t.x)?;
            let (b, _) = leontief::leontief_inverse(a.view())?;
            let blocks = leontief::local_inverse(t.z, t.x, t.dims)?;
            let (mut l, mut af) = (Array2::zeros((4, 4)), a.clone());
            for g in 0..2 {
                let rows = t.dims.block(g);
                l.slice_mut(s![rows.clone(), rows.clone()]).assign(&blocks.index_axis(Axis(0), g));
                af.slice_mut(s![rows.clone(), rows]).fill(0.0);
            }
            let (home, abroad) = t.final_goods();
            let v = Array2::from_diag(&t.v());
            let [yd, y] = [&home, &(&home + &abroad)].map(Array2::from_diag);
            let vl = v.dot(&l);
            let literal = [
                vl.dot(&yd),
                vl.dot(&Array2::from_diag(&abroad)),
                vl.dot(&af).dot(&l).dot(&yd),
                vl.dot(&af).dot(&(b.dot(&y) - l.dot(&yd))),
            ];
            let rows = forward(t)?;
            for (k, term) in literal.iter().enumerate() {
                assert!((term.sum_axis(Axis(1)) - rows.column(k)).iter().all(|e| e.abs() < 1e-12), "forward {k}");
            }
            assert!((rows.sum_axis(Axis(1)) - t.va).iter().all(|e| e.abs() < 1e-12));

            let columns = backward(t, None)?;
            assert!((columns.sum_axis(Axis(1)) - home - abroad).iter().all(|e| e.abs() < 1e-12));
            let simple = literal[2].sum_axis(Axis(0));
            assert!((simple - columns.column(2)).iter().all(|e| e.abs() < 1e-12));
            Ok(())
        })
    }

    #[test]
    fn what_returns_equals_the_literal_products() -> Result<()> {
        with_table(|t| {
            let factor = leontief::factor(t.z, t.x)?;
            let (b, _) = leontief::leontief_inverse(leontief::input_coefficients(t.z, t.x)?.view())?;
            let l = leontief::local_inverse(t.z, t.x, t.dims)?;
            let (v, goods) = (t.v(), t.y.sum_axis(Axis(1)));
            let (absorbed, forward) = (b.dot(&t.y), returned_forward(t, &factor)?);
            let backward = returned_backward(t, &factor)?;
            for g in 0..t.dims.regions {
                let rows = t.dims.block(g);
                let block = b.slice(s![rows.clone(), rows.clone()]).to_owned() - l.index_axis(Axis(0), g);
                let made = v.slice(s![rows.clone()]).dot(&block) * goods.slice(s![rows.clone()]);
                let home = l.index_axis(Axis(0), g).dot(&t.y.slice(s![rows.clone(), g]));
                for (i, row) in rows.enumerate() {
                    assert!((forward[row] - v[row] * (absorbed[[row, g]] - home[i])).abs() < 1e-12);
                    assert!((backward[row] - made[i]).abs() < 1e-12 && made[i] > 0.0);
                }
            }
            Ok(())
        })
    }
}
