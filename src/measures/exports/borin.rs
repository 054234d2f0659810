//! Borin and Mancini (2019, 2023): value added counted once, where it first or last leaves a country.

use ndarray::{Array1, Array2, ArrayD, ArrayView2, Axis, s};
use ndarray_linalg::Solve;
use rayon::prelude::*;

use super::economy::{Economy, Method, Stack};
use crate::error::{Error, Result};
use crate::table::Blocks;

/// Source-based: value added is counted when it first leaves its country. The last term is what the importer absorbs.
pub const SOURCE: Method = Method {
    name: "bm_source",
    terms: &["DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC", "DAVAX"],
    kernel: source_based,
};

/// Sink-based: value added is counted when it last leaves the exporter.
pub const SINK: Method = Method {
    name: "bm_sink",
    terms: &["DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC", "VAXIM"],
    kernel: sink_based,
};

/// In the world's perspective, sink-based: whatever its origin, value added is counted when it last crosses any border, so
/// in exports that the direct importer absorbs.
pub const WORLD: Method =
    Method { name: "world", terms: &["DC", "DVA", "DDC", "FC", "FVA", "FDC"], kernel: world_perspective };

/// With `B'` the inverse without the intermediate exports of s, `B'_ts = B_ts B_ss^-1 L_ss`, so that no inverse per
/// exporter is needed.
fn source_based(economy: &Economy) -> Result<ArrayD<f64>> {
    let (e, b) = (economy, economy.inverse(&SOURCE)?);
    let once = solve_own_block(b, &e.table.blocks, &e.foreign, true)?;
    let foreign_once = e.local.solve_transposed(once.view());
    let absorbed = e.absorbed()?;
    let [for_source, used] = e.pass(|source| [&absorbed.column(source) * &e.per_unit, &e.own * &e.per_unit]);
    let exports = &e.exports;
    let vl = e.vl.view().insert_axis(Axis(1));
    let (dva, reflected) = (exports * &vl, &for_source * &vl);

    let mut stack = Stack::new(e, &SOURCE)?;
    stack.push(&e.vb, exports);
    stack.push_matrix(&dva);
    stack.push_matrix(&(&dva - &reflected));
    stack.push_matrix(&reflected);
    stack.push(&(&e.vb - &e.vl), exports);
    stack.push(&e.foreign, exports);
    stack.push(&foreign_once, exports);
    stack.push(&(&e.foreign - &foreign_once), exports);
    stack.push(&e.vl, &(e.final_exports() + used));
    Ok(stack.all())
}

fn sink_based(economy: &Economy) -> Result<ArrayD<f64>> {
    let (e, b) = (economy, economy.inverse(&SINK)?);
    let blocks = &e.table.blocks;
    let absorbed = e.absorbed()?;
    // What the partner makes with inputs of s that comes back into the exports of s: B'_rs E_s*.
    let needed = e.local.solve(e.exports.sum_axis(Axis(1)).view());
    let again = e.spread_product(&solve_own_block(b, blocks, &needed, false)?)?;
    // The same for what s itself absorbs, and for what the partner absorbs.
    let returned = blocks.own(absorbed.view()) - &e.own;
    let at_home = e.spread_product(&solve_own_block(b, blocks, &returned, false)?)?;
    let by_partner = absorbed_by_partner(b, blocks, &absorbed)?;

    let [again, for_source, for_partner] = e.pass(|source| {
        [
            &again.column(source) * &e.per_unit,
            (&absorbed.column(source) - &at_home.column(source)) * &e.per_unit,
            &by_partner.column(source) * &e.per_unit,
        ]
    });
    let exports = &e.exports;
    let once = exports - &again;
    let vb = e.vb.view().insert_axis(Axis(1));
    let (dva, reflected) = (&once * &vb, &for_source * &vb);

    let mut stack = Stack::new(e, &SINK)?;
    stack.push(&e.vb, exports);
    stack.push_matrix(&dva);
    stack.push_matrix(&(&dva - &reflected));
    stack.push_matrix(&reflected);
    stack.push(&e.vb, &again);
    stack.push(&e.foreign, exports);
    stack.push(&e.foreign, &once);
    stack.push(&e.foreign, &again);
    stack.push(&e.vb, &(e.final_exports() + for_partner));
    Ok(stack.all())
}

fn world_perspective(economy: &Economy) -> Result<ArrayD<f64>> {
    let e = economy;
    let (kept, again) = kept_and_sent_on(e);
    let mut stack = Stack::new(e, &WORLD)?;
    for coefficient in [&e.vb, &e.foreign] {
        stack.push(coefficient, &e.exports);
        stack.push(coefficient, &kept);
        stack.push(coefficient, &again);
    }
    Ok(stack.all())
}

/// Exports that the direct importer absorbs, and those that it sends on.
pub(super) fn kept_and_sent_on(e: &Economy) -> (Array2<f64>, Array2<f64>) {
    let [used] = e.pass(|_| [&e.own * &e.per_unit]);
    let kept = e.final_exports() + used;
    let again = &e.exports - &kept;
    (kept, again)
}

/// `B_ss^-1 u_s` (or `u_s' B_ss^-1`) region by region.
fn solve_own_block(b: ArrayView2<f64>, blocks: &Blocks, u: &Array1<f64>, transposed: bool) -> Result<Array1<f64>> {
    let mut out = Array1::zeros(u.len());
    for (_, rows) in blocks.iter() {
        let block = b.slice(s![rows.clone(), rows.clone()]).to_owned();
        let part = u.slice(s![rows.clone()]).to_owned();
        let solved = if transposed { block.solve_t(&part) } else { block.solve(&part) };
        let solved = solved.map_err(|_| Error::Singular {
            col: rows.start,
            sum: f64::NAN,
            condition: f64::INFINITY,
            residual: f64::NAN,
        })?;
        out.slice_mut(s![rows]).assign(&solved);
    }
    Ok(out)
}

/// `(B Y)_rr - B_rs B_ss^-1 (B Y)_sr` for every exporter s (column) and partner r (rows): n x G.
fn absorbed_by_partner(b: ArrayView2<f64>, blocks: &Blocks, absorbed: &Array2<f64>) -> Result<Array2<f64>> {
    let own = blocks.own(absorbed.view());
    let mut solved = Array2::zeros(absorbed.dim());
    for (mut into, column) in solved.columns_mut().into_iter().zip(absorbed.columns()) {
        into.assign(&solve_own_block(b, blocks, &column.to_owned(), false)?);
    }
    let through = |(source, rows_of_source): (usize, std::ops::Range<usize>)| {
        let mut column = own.clone();
        for (partner, rows) in blocks.iter() {
            let block = b.slice(s![rows.clone(), rows_of_source.clone()]);
            let through = block.dot(&solved.slice(s![rows_of_source.clone(), partner]));
            column.slice_mut(s![rows]).scaled_add(-1.0, &through);
        }
        (source, column)
    };
    let columns: Vec<_> = blocks.iter().collect::<Vec<_>>().into_par_iter().map(through).collect();
    let mut out = Array2::zeros(absorbed.dim());
    for (source, column) in columns {
        out.column_mut(source).assign(&column);
    }
    Ok(out)
}
