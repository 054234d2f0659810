//! Koopman, Wang and Wei (2014), American Economic Review 104(2), equation 36: nine terms of a country's exports.

use ndarray::{Array2, ArrayD, Axis, s};

use super::economy::{Economy, Method};
use crate::error::Result;

/// Terms by exporter, G x 9, named as decompr prints them.
pub const METHOD: Method = Method {
    name: "kww",
    terms: &["DVA_FIN", "DVA_INT", "DVA_INTrex", "RDV_FIN", "RDV_INT", "DDC", "FVA_FIN", "FVA_INT", "FDC"],
    kernel: kww,
};

/// With `C_r = v_s B_sr` (a row of the content matrix): `Sum_{r!=s} B_sr A_rs L_ss = B_ss - L_ss` replaces the products
/// of blocks in the fifth and sixth term.
fn kww(economy: &Economy) -> Result<ArrayD<f64>> {
    let e = economy;
    let (blocks, y) = (&e.table.blocks, &e.table.y);
    // Intermediate exports that the importer absorbs, and all that the model explains: n x G.
    let [absorbed, sold] = e.pass(|_| [&e.own * &e.per_unit, &e.table.made * &e.per_unit]);
    let explained = (e.final_exports() + &sold).sum_axis(Axis(1));
    let mut out = Array2::zeros((blocks.count(), METHOD.terms.len()));
    for (source, rows) in blocks.iter() {
        let back = &e.vb.slice(s![rows.clone()]) - &e.vl.slice(s![rows.clone()]);
        let rdv_int = back.dot(&y.slice(s![rows.clone(), source]));
        let ddc = back.dot(&explained.slice(s![rows.clone()]));
        let vb = e.vb.slice(s![rows.clone()]);
        let foreign = e.foreign.slice(s![rows.clone()]);
        let [mut dva_fin, mut dva_int, mut dva_rex, mut rdv_fin, mut fva_fin, mut fva_int, mut fdc] = [0.0; 7];
        for (partner, columns) in blocks.iter().filter(|(g, _)| *g != source) {
            let sent = y.slice(s![rows.clone(), partner]);
            let kept = absorbed.slice(s![rows.clone(), partner]);
            dva_fin += vb.dot(&sent);
            fva_fin += foreign.dot(&sent);
            fva_int += foreign.dot(&kept);
            fdc += foreign.dot(&(&sold.slice(s![rows.clone(), partner]) - &kept));
            let content = e.origin.slice(s![columns.clone(), source]);
            let by_absorber = content.dot(&y.slice(s![columns, ..]));
            dva_int += by_absorber[partner];
            rdv_fin += by_absorber[source];
            dva_rex += by_absorber.sum() - by_absorber[partner] - by_absorber[source];
        }
        let terms = [dva_fin, dva_int, dva_rex, rdv_fin, rdv_int, ddc, fva_fin, fva_int, fdc];
        out.row_mut(source).assign(&ndarray::aview1(&terms));
    }
    Ok(out.into_dyn())
}
