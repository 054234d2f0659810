//! Bilateral terms by exporting sector: rows x partners x terms.

use ndarray::{Array1, Array2, Array3, Axis, s};
use ndarray_linalg::Solve;
use rayon::prelude::*;

use super::{Economy, solve};
use crate::error::{Error, Result};
use crate::leontief::Factor;
use crate::simd;

/// Wang, Wei and Zhu (2013): sixteen terms in the order and meaning of decompr.
pub struct Wwz;

impl Wwz {
    /// Names of the columns.
    pub const NAMES: [&'static str; 16] = [
        "DVA_FIN",
        "DVA_INT",
        "DVA_INTrexI1",
        "DVA_INTrexF",
        "DVA_INTrexI2",
        "RDV_INT",
        "RDV_FIN",
        "RDV_FIN2",
        "OVA_FIN",
        "MVA_FIN",
        "OVA_INT",
        "MVA_INT",
        "DDC_FIN",
        "DDC_INT",
        "ODC",
        "MDC",
    ];
}

/// Borin and Mancini (2019, 2023): terms that both versions share; the ninth is DAVAX (source) or VAXIM (sink).
pub struct Borin;

impl Borin {
    /// Names of the shared columns.
    pub const NAMES: [&'static str; 8] = ["DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC"];
}

/// Borin and Mancini (2019), world perspective.
pub struct World;

impl World {
    /// Names of the columns.
    pub const NAMES: [&'static str; 6] = ["DC", "DVA", "DDC", "FC", "FVA", "FDC"];
}

/// Borin, Mancini and Taglioni (2025): pure forward, two-sided and pure backward.
pub struct Tripartite;

impl Tripartite {
    /// Names of the columns; DAVAX and the three parts add up to exports.
    pub const NAMES: [&'static str; 4] = ["DAVAX", "GVC_PF", "GVC_TS", "GVC_PB"];
}

/// Products `A_sr h` for several vectors h, by row of s and partner r: one pass over Z, K matrices n x G.
///
/// `uses(s)` gives the K vectors (n each, divided by output) that exporter s needs; 0 for its own block.
pub(super) fn pass<const K: usize>(
    economy: &Economy,
    uses: impl Fn(usize) -> [Array1<f64>; K] + Sync,
) -> [Array2<f64>; K] {
    let (n, g) = (economy.n(), economy.blocks.len());
    let parts: Vec<Vec<[f64; K]>> = (0..g)
        .into_par_iter()
        .map(|source| {
            let vectors = uses(source);
            let mut cells = Vec::with_capacity(economy.blocks.rows(source).len() * g);
            for row in economy.blocks.rows(source) {
                let flows = economy.z.row(row);
                for (partner, columns) in economy.blocks.iter() {
                    cells.push(if partner == source {
                        [0.0; K]
                    } else {
                        let flows = flows.slice(s![columns.clone()]);
                        std::array::from_fn(|k| simd::product(flows, vectors[k].slice(s![columns.clone()])))
                    });
                }
            }
            cells
        })
        .collect();
    let mut out = std::array::from_fn(|_| Array2::zeros((n, g)));
    for (row, cells) in parts.iter().flat_map(|part| part.chunks(g)).enumerate() {
        for (partner, values) in cells.iter().enumerate() {
            for (matrix, value) in out.iter_mut().zip(values) {
                matrix[[row, partner]] = *value;
            }
        }
    }
    out
}

/// Terms given as (coefficient by row or row and partner, part of exports).
struct Stack {
    out: Array3<f64>,
    next: usize,
}

impl Stack {
    fn new(economy: &Economy, terms: usize) -> Self {
        Self { out: Array3::zeros((economy.n(), economy.blocks.len(), terms)), next: 0 }
    }

    /// The next term: coefficient of the row times the part.
    fn push(&mut self, coefficient: &Array1<f64>, part: &Array2<f64>) {
        self.push_matrix(&(part * &coefficient.view().insert_axis(Axis(1))));
    }

    fn push_matrix(&mut self, term: &Array2<f64>) {
        self.out.index_axis_mut(Axis(2), self.next).assign(term);
        self.next += 1;
    }
}

/// The sixteen terms of Wang, Wei and Zhu (2013), equation 37: n x G x 16. Peak: Z, B and 11 matrices n x G.
pub fn wwz(economy: &Economy) -> Result<Array3<f64>> {
    let e = economy;
    let home = super::diagonal(e.y, &e.blocks);
    let abroad = e.y.sum_axis(Axis(1)) - &home;
    let own = e.spread_product(home.view())?; // B_rs Y_ss
    let sent = e.spread_product(abroad.view())?; // B_rs yF_s
    let absorbed = e.absorbed()?; // (B Y)_rs
    let direct = diagonal_products(e)?; // B_rr Y_rs
    let (own_sum, sent_sum) = (own.sum_axis(Axis(1)), sent.sum_axis(Axis(1)));
    let (own_own, sent_own) = (super::diagonal(own.view(), &e.blocks), super::diagonal(sent.view(), &e.blocks));

    let parts = pass(e, |source| {
        let (q, w) = (own.column(source), sent.column(source));
        let r = direct.column(source);
        // Final goods that third countries make for the source, with inputs of the partner.
        let third = &absorbed.column(source) - &r - q;
        [
            own_own.clone(),
            &own_sum - &own_own - q,
            &sent_own - &r,
            &sent_sum - &sent_own - w - &third,
            q.to_owned(),
            r.to_owned(),
            third,
            w.to_owned(),
            e.x.to_owned(),
            e.own.clone(),
        ]
        .map(|h| h * &e.per_unit)
    });
    let [int, rex1, rex_fin, rex2, rdv_int, rdv_fin, rdv_fin2, ddc_fin, all, used] = &parts;
    let again = all - used;
    let (final_goods, vl) = (final_exports(e), &e.vl);
    // Value added of the importer itself, and of all others, in the exports of each row.
    let mine = without_own(&e.origin, e);
    let other = without_own(&(&e.foreign.view().insert_axis(Axis(1)) - &mine), e);

    let mut stack = Stack::new(e, Wwz::NAMES.len());
    stack.push(&e.vb, &final_goods);
    for part in [int, rex1, rex_fin, rex2, rdv_int, rdv_fin, rdv_fin2] {
        stack.push(vl, part);
    }
    for part in [&final_goods, used] {
        stack.push_matrix(&(&other * part));
        stack.push_matrix(&(&mine * part));
    }
    stack.push(vl, ddc_fin);
    stack.push(&(&e.vb - vl), all);
    stack.push_matrix(&(&other * &again));
    stack.push_matrix(&(&mine * &again));
    Ok(stack.out)
}

/// `B_rr Y_rs`, n x G.
fn diagonal_products(e: &Economy) -> Result<Array2<f64>> {
    let mut out = Array2::zeros(e.y.dim());
    for (_, rows) in e.blocks.iter() {
        let product = e.b.block(rows.clone(), rows.clone())?.dot(&e.y.slice(s![rows.clone(), ..]));
        out.slice_mut(s![rows, ..]).assign(&product);
    }
    Ok(out)
}

/// Final goods sent to each partner: n x G, 0 to its own.
fn final_exports(e: &Economy) -> Array2<f64> {
    without_own(&e.y.to_owned(), e)
}

fn without_own(matrix: &Array2<f64>, e: &Economy) -> Array2<f64> {
    let mut out = matrix.clone();
    for (g, rows) in e.blocks.iter() {
        out.slice_mut(s![rows, g]).fill(0.0);
    }
    out
}

/// `B_ss^-1 u_s` (or `u_s' B_ss^-1`) block by block.
fn solve_own_block(e: &Economy, u: &Array1<f64>, transposed: bool) -> Result<Array1<f64>> {
    let mut out = Array1::zeros(u.len());
    for (_, rows) in e.blocks.iter() {
        let block = e.b.block(rows.clone(), rows.clone())?.to_owned();
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

/// Borin and Mancini, source-based: value added is counted when it first leaves its country. n x G x 9.
///
/// With `B'` the inverse without the intermediate exports of s, `B'_ts = B_ts B_ss^-1 L_ss`, so that no inverse per
/// exporter is needed.
pub fn borin_mancini_source(economy: &Economy) -> Result<Array3<f64>> {
    let e = economy;
    let once = solve_own_block(e, &e.foreign, true)?;
    let foreign_once = solve(&e.local, &e.blocks, once.view(), Factor::solve_transposed_vector);
    let absorbed = e.absorbed()?;
    let [for_source, used] = pass(e, |source| [&absorbed.column(source) * &e.per_unit, &e.own * &e.per_unit]);
    let exports = &e.exports;
    let dva = exports * &e.vl.view().insert_axis(Axis(1));
    let reflected = &for_source * &e.vl.view().insert_axis(Axis(1));

    let mut stack = Stack::new(e, Borin::NAMES.len() + 1);
    stack.push(&e.vb, exports);
    stack.push_matrix(&dva);
    stack.push_matrix(&(&dva - &reflected));
    stack.push_matrix(&reflected);
    stack.push(&(&e.vb - &e.vl), exports);
    stack.push(&e.foreign, exports);
    stack.push(&foreign_once, exports);
    stack.push(&(&e.foreign - &foreign_once), exports);
    stack.push(&e.vl, &(final_exports(e) + used));
    Ok(stack.out)
}

/// Borin and Mancini, sink-based: value added is counted when it last leaves the exporter. n x G x 9.
pub fn borin_mancini_sink(economy: &Economy) -> Result<Array3<f64>> {
    let e = economy;
    let absorbed = e.absorbed()?;
    // What the partner makes with inputs of s that comes back into the exports of s: B'_rs E_s*.
    let needed = solve(&e.local, &e.blocks, e.total_exports.view(), Factor::solve_vector);
    let again = e.spread_product(solve_own_block(e, &needed, false)?.view())?;
    // The same for what s itself absorbs, and for what the partner absorbs.
    let returned = super::diagonal(absorbed.view(), &e.blocks) - &e.own;
    let at_home = e.spread_product(solve_own_block(e, &returned, false)?.view())?;
    let by_partner = absorbed_by_partner(e, &absorbed)?;

    let [again, for_source, for_partner] = pass(e, |source| {
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

    let mut stack = Stack::new(e, Borin::NAMES.len() + 1);
    stack.push(&e.vb, exports);
    stack.push_matrix(&dva);
    stack.push_matrix(&(&dva - &reflected));
    stack.push_matrix(&reflected);
    stack.push(&e.vb, &again);
    stack.push(&e.foreign, exports);
    stack.push(&e.foreign, &once);
    stack.push(&e.foreign, &again);
    stack.push(&e.vb, &(final_exports(e) + for_partner));
    Ok(stack.out)
}

/// `(B Y)_rr - B_rs B_ss^-1 (B Y)_sr` for every exporter s (column) and partner r (rows): n x G.
fn absorbed_by_partner(e: &Economy, absorbed: &Array2<f64>) -> Result<Array2<f64>> {
    let own = super::diagonal(absorbed.view(), &e.blocks);
    let mut solved = Array2::zeros(absorbed.dim());
    for partner in 0..e.blocks.len() {
        solved.column_mut(partner).assign(&solve_own_block(e, &absorbed.column(partner).to_owned(), false)?);
    }
    let columns: Vec<Array1<f64>> = (0..e.blocks.len())
        .into_par_iter()
        .map(|source| {
            let mut column = own.clone();
            for (partner, rows) in e.blocks.iter() {
                let block = e.b.block(rows.clone(), e.blocks.rows(source))?;
                let through = block.dot(&solved.slice(s![e.blocks.rows(source), partner]));
                column.slice_mut(s![rows]).scaled_add(-1.0, &through);
            }
            Ok(column)
        })
        .collect::<Result<_>>()?;
    let mut out = Array2::zeros(absorbed.dim());
    for (mut target, column) in out.columns_mut().into_iter().zip(&columns) {
        target.assign(column);
    }
    Ok(out)
}

/// Borin and Mancini in the world's perspective, sink-based: whatever its origin, value added is counted when it last
/// crosses any border, so in exports that the direct importer absorbs. n x G x 6 in the order of [`World::NAMES`].
pub fn borin_mancini_world(economy: &Economy) -> Result<Array3<f64>> {
    let e = economy;
    let (kept, again) = kept_and_sent_on(e);
    let mut stack = Stack::new(e, World::NAMES.len());
    for coefficient in [&e.vb, &e.foreign] {
        stack.push(coefficient, &e.exports);
        stack.push(coefficient, &kept);
        stack.push(coefficient, &again);
    }
    Ok(stack.out)
}

/// Exports that the direct importer absorbs, and those that it sends on.
fn kept_and_sent_on(e: &Economy) -> (Array2<f64>, Array2<f64>) {
    let [used] = pass(e, |_| [&e.own * &e.per_unit]);
    let kept = final_exports(e) + used;
    let again = &e.exports - &kept;
    (kept, again)
}

/// Borin, Mancini and Taglioni: what the importer absorbs or re-exports, of domestic or other content. n x G x 4.
pub fn tripartite(economy: &Economy) -> Result<Array3<f64>> {
    let e = economy;
    let (kept, again) = kept_and_sent_on(e);
    let rest = &e.foreign + &e.vb - &e.vl;
    let mut stack = Stack::new(e, Tripartite::NAMES.len());
    stack.push(&e.vl, &kept);
    stack.push(&e.vl, &again);
    stack.push(&rest, &again);
    stack.push(&rest, &kept);
    Ok(stack.out)
}
