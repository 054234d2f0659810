//! Whose value added is in whose exports.

use ndarray::{Array2, Axis};

use super::Economy;
use crate::error::Result;

/// Value added of each row in the gross exports of each block: `V^ B E`, n x G. Columns add up to gross exports.
pub fn content(economy: &Economy) -> Result<Array2<f64>> {
    let mut by_row = economy.spread_product(economy.total_exports.view())?;
    by_row *= &economy.v.insert_axis(Axis(1));
    Ok(by_row)
}
