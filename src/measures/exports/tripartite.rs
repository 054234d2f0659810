//! Borin, Mancini and Taglioni (2025): what the importer absorbs or re-exports, of domestic or other content.

use ndarray::ArrayD;

use super::borin::kept_and_sent_on;
use super::economy::{Economy, Method, Stack};
use crate::error::Result;

/// Directly absorbed, and pure forward, two-sided and pure backward participation; the four add up to exports.
pub const METHOD: Method =
    Method { name: "tripartite", terms: &["DAVAX", "GVC_PF", "GVC_TS", "GVC_PB"], kernel: tripartite };

fn tripartite(economy: &Economy) -> Result<ArrayD<f64>> {
    let e = economy;
    let (kept, again) = kept_and_sent_on(e);
    let rest = &e.foreign + &e.vb - &e.vl;
    let mut stack = Stack::new(e, &METHOD)?;
    stack.push(&e.vl, &kept);
    stack.push(&e.vl, &again);
    stack.push(&rest, &again);
    stack.push(&rest, &kept);
    Ok(stack.all())
}
