//! Wang, Wei and Zhu (2013, NBER working paper 19677), equation 37: sixteen terms of bilateral exports.

use ndarray::{Array2, ArrayD, Axis, s};

use super::economy::{Economy, Method, Stack};
use crate::error::Result;

/// Terms in the order and meaning of decompr.
pub const METHOD: Method = Method {
    name: "wwz",
    terms: &[
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
    ],
    kernel: wwz,
};

/// Peak: Z, B and 11 matrices n x G beside the terms.
fn wwz(economy: &Economy) -> Result<ArrayD<f64>> {
    let e = economy;
    let direct = diagonal_products(e)?; // B_rr Y_rs
    let abroad = e.table.y.sum_axis(Axis(1)) - &e.home;
    let own = e.spread_product(&e.home)?; // B_rs Y_ss
    let sent = e.spread_product(&abroad)?; // B_rs yF_s
    let absorbed = e.absorbed()?; // (B Y)_rs
    let (own_sum, sent_sum) = (own.sum_axis(Axis(1)), sent.sum_axis(Axis(1)));
    let [own_own, sent_own] = [&own, &sent].map(|m| e.table.blocks.own(m.view()));

    let parts = e.pass(|source| {
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
            e.table.made.clone(),
            e.own.clone(),
        ]
        .map(|h| h * &e.per_unit)
    });
    let [int, rex1, rex_fin, rex2, rdv_int, rdv_fin, rdv_fin2, ddc_fin, all, used] = &parts;
    let again = all - used;
    let (final_goods, vl) = (e.final_exports(), &e.vl);
    // Value added of the importer itself, and of all others, in the exports of each row.
    let mine = e.table.blocks.without_own(e.origin.clone());
    let other = e.table.blocks.without_own(&e.foreign.view().insert_axis(Axis(1)) - &mine);

    let mut stack = Stack::new(e, &METHOD)?;
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
    Ok(stack.all())
}

/// `B_rr Y_rs`, n x G.
fn diagonal_products(e: &Economy) -> Result<Array2<f64>> {
    let b = e.inverse(&METHOD)?;
    let mut out = Array2::zeros(e.table.y.dim());
    for (_, rows) in e.table.blocks.iter() {
        let product = b.slice(s![rows.clone(), rows.clone()]).dot(&e.table.y.slice(s![rows.clone(), ..]));
        out.slice_mut(s![rows, ..]).assign(&product);
    }
    Ok(out)
}
