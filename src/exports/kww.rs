//! Koopman, Wang and Wei (2014), American Economic Review 104(2), equation 36: nine terms of a country's exports.

use ndarray::{Array2, s};

use super::Economy;
use super::terms::pass;
use crate::error::Result;
use crate::leontief::counted;

/// The nine terms, in column order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, clippy::upper_case_acronyms, reason = "named and described as decompr prints them")]
pub enum Kww {
    DvaFin,
    DvaInt,
    DvaIntRex,
    RdvFin,
    RdvInt,
    Ddc,
    FvaFin,
    FvaInt,
    Fdc,
}

impl Kww {
    /// Names of the columns.
    pub const NAMES: [&'static str; 9] =
        ["DVA_FIN", "DVA_INT", "DVA_INTrex", "RDV_FIN", "RDV_INT", "DDC", "FVA_FIN", "FVA_INT", "FDC"];
}

/// The nine terms of each exporter: G x 9.
///
/// With `C_r = v_s B_sr` (a row of the content matrix): `Sum_{r!=s} B_sr A_rs L_ss = B_ss - L_ss` replaces the products
/// of blocks in the fifth and sixth term.
pub fn kww(economy: &Economy) -> Result<Array2<f64>> {
    let e = economy;
    let mut out = Array2::zeros((e.blocks.len(), Kww::NAMES.len()));
    let all = counted(e.x);
    // Intermediate exports that the importer absorbs, and all of them: n x G.
    let [absorbed, sold] = pass(e, |_| [&e.own * &e.per_unit, all.clone()]);
    for (source, rows) in e.blocks.iter() {
        let mut terms = [0.0; 9];
        let back = &e.vb.slice(s![rows.clone()]) - &e.vl.slice(s![rows.clone()]);
        terms[Kww::RdvInt as usize] = back.dot(&e.y.slice(s![rows.clone(), source]));
        terms[Kww::Ddc as usize] = back.dot(&e.total_exports.slice(s![rows.clone()]));
        let vb = e.vb.slice(s![rows.clone()]);
        let foreign = e.foreign.slice(s![rows.clone()]);
        for (partner, columns) in e.blocks.iter().filter(|(g, _)| *g != source) {
            let sent = e.y.slice(s![rows.clone(), partner]);
            let again = &sold.slice(s![rows.clone(), partner]) - &absorbed.slice(s![rows.clone(), partner]);
            terms[Kww::DvaFin as usize] += vb.dot(&sent);
            terms[Kww::FvaFin as usize] += foreign.dot(&sent);
            terms[Kww::FvaInt as usize] += foreign.dot(&absorbed.slice(s![rows.clone(), partner]));
            terms[Kww::Fdc as usize] += foreign.dot(&again);
            let content = e.origin.slice(s![columns.clone(), source]);
            let used = content.dot(&e.y.slice(s![columns.clone(), partner]));
            let returned = content.dot(&e.y.slice(s![columns.clone(), source]));
            let everywhere = content.dot(&e.y.slice(s![columns, ..])).sum();
            terms[Kww::DvaInt as usize] += used;
            terms[Kww::RdvFin as usize] += returned;
            terms[Kww::DvaIntRex as usize] += everywhere - used - returned;
        }
        out.row_mut(source).assign(&ndarray::aview1(&terms));
    }
    Ok(out)
}
