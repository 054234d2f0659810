//! Whose value added is in whose exports.

use ndarray::{Array2, Axis};

use super::economy::Economy;
use crate::error::Result;

/// Value added of each row in the gross exports of each region: `V^ B E`, n x G. Columns add up to gross exports.
pub fn content(economy: &Economy) -> Result<Array2<f64>> {
    let by_row = economy.spread_product(&economy.exports.sum_axis(Axis(1)))?;
    Ok(by_row * economy.table.v.view().insert_axis(Axis(1)))
}
