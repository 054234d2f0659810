//! Bilateral value-added flows: traditional, simple and complex (Wang, Wei, Yu and Zhu 2017), from source to partner.
//!
//! By direct importer (s to r, s != r), without a global inverse:
//! traditional `v_s L_ss Y_sr`; simple `v_s L_ss A_sr L_rr y_rr`; complex `v_s L_ss A_sr (x - L y^D)_r`.
//! They and the domestic `v_s L_ss Y_ss` add up to the value added of s. By final absorber: `V^ B Y`, G right-hand sides.
//!
//! v may be 0 for sectors that are left out, or any other factor per unit of output.

use ndarray::{Array1, Array2, Array3, Axis, s};
use rayon::prelude::*;

use super::Uses;
use super::participation::Term;
use crate::error::Result;
use crate::leontief::Solver;
use crate::machine::simd::{self, Cell};
use crate::machine::{memory, passes};
use crate::table::Table;

/// Kinds of flows by direct importer, in the order of the first axis.
pub const KINDS: [Term; 3] = [Term::Traditional, Term::Simple, Term::Complex];

/// Flows by direct importer.
pub struct ByImporter {
    /// Value added that never leaves, by row (n, or G when summed).
    pub domestic: Array1<f64>,
    /// Kind x row x partner; 0 where source and partner are the same.
    pub abroad: Array3<f64>,
}

/// Flows by direct importer between regions: one pass over Z, no inverse.
pub fn by_importer<T: Cell>(table: &Table<T>) -> Result<ByImporter> {
    let blocks = &table.blocks;
    let uses = Uses::of(table)?;
    let left = uses.local.solve_transposed(table.v.view());
    let mut abroad = Array3::zeros((KINDS.len(), blocks.count(), blocks.count()));
    abroad.axis_iter_mut(Axis(1)).into_par_iter().enumerate().for_each(|(source, mut rows)| {
        let own = blocks.rows(source);
        let left = left.slice(s![own.clone()]);
        let inputs = passes::weighted_sum(table.z.slice(s![own.clone(), ..]), left);
        let goods = passes::weighted_sum(table.y.slice(s![own, ..]), left);
        for (partner, bought) in inputs_by_partner(table, &uses, &inputs).filter(|(partner, _)| *partner != source) {
            rows[[0, partner]] = goods[partner];
            rows[[1, partner]] = bought[0];
            rows[[2, partner]] = bought[1];
        }
    });
    let domestic = blocks.sum((&left * &uses.home).view());
    Ok(ByImporter { domestic, abroad })
}

/// Flows by direct importer from each row (region and sector): one pass over Z, local solves with G columns.
pub fn by_importer_rows<T: Cell>(table: &Table<T>) -> Result<ByImporter> {
    let blocks = &table.blocks;
    let (n, count) = (blocks.n(), blocks.count());
    memory::expect("flows_by_importer", n, &[("flows", (KINDS.len() * n * count) as f64)])?;
    let uses = Uses::of(table)?;
    let own = blocks.regions();
    let mut abroad = memory::zeros((KINDS.len(), n, count))?;
    abroad.axis_iter_mut(Axis(1)).into_par_iter().enumerate().for_each(|(row, mut cells)| {
        let flows: Vec<f64> = table.z.row(row).iter().map(|e| e.widen()).collect();
        for (partner, bought) in inputs_by_partner(table, &uses, &flows).filter(|(partner, _)| *partner != own[row]) {
            cells[[0, partner]] = table.y[[row, partner]];
            cells[[1, partner]] = bought[0];
            cells[[2, partner]] = bought[1];
        }
    });
    for mut kind in abroad.outer_iter_mut() {
        let solved = uses.local.solve_rows(kind.to_owned())?;
        kind.assign(&(solved * table.v.view().insert_axis(Axis(1))));
    }
    Ok(ByImporter { domestic: uses.at_home * &table.v, abroad })
}

/// Of inputs sold to each partner, those for goods that it absorbs (simple) and all others (complex).
fn inputs_by_partner<T: Cell>(table: &Table<T>, uses: &Uses, flows: &[f64]) -> impl Iterator<Item = (usize, [f64; 2])> {
    table.blocks.iter().map(|(partner, columns)| {
        let [simple, all] = [&uses.simple, &uses.all]
            .map(|weights| simd::dot(&flows[columns.clone()], &simd::contiguous(weights.slice(s![columns.clone()]))));
        (partner, [simple, all - simple])
    })
}

/// Value added of each row absorbed in each region, `V^ B Y`: G right-hand sides. n x G.
pub fn by_absorber(table: &Table, solver: &dyn Solver) -> Result<Array2<f64>> {
    let absorbed = solver.solve(table.y.to_owned())?;
    Ok(absorbed * table.v.view().insert_axis(Axis(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leontief::factor;
    use crate::table::tests::{Small, close};

    #[test]
    fn rows_summed_are_regions_and_all_adds_up_to_value_added() -> Result<()> {
        let small = Small::new();
        let t = small.table()?;
        let (region, row) = (by_importer(&t)?, by_importer_rows(&t)?);
        for (a, b) in region.abroad.outer_iter().zip(row.abroad.outer_iter()) {
            assert!(close(&t.blocks.sum_rows(b), &a.to_owned(), 1e-12));
            assert_eq!((a[[0, 0]], a[[1, 1]]), (0.0, 0.0));
        }
        let all = row.abroad.sum_axis(Axis(0)).sum_axis(Axis(1)) + &row.domestic;
        assert!(close(&all, &small.va, 1e-12));
        let absorbed = by_absorber(&t, &factor(t.z, t.x.view())?)?;
        assert!(close(&absorbed.sum_axis(Axis(1)), &small.va, 1e-12));
        Ok(())
    }
}
