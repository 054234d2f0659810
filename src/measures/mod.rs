//! What is measured in a table: arrays of numbers, one file a measure.

pub mod exports;
pub mod flows;
pub mod lengths;
pub mod participation;
pub mod reliance;

use ndarray::{Array1, Array2, ArrayView1, Zip};

use crate::error::Result;
use crate::leontief::Local;
use crate::machine::simd::Cell;
use crate::table::{FinalGoods, Table, per_output};

/// Output that regions use for goods of their own, and what inputs it takes from abroad per unit of a buyer's output.
struct Uses {
    local: Local,
    /// Final goods for home and for abroad, y^D and y^F.
    home: Array1<f64>,
    abroad: Array1<f64>,
    /// Output for goods that are used where they are made, `L y^D`.
    at_home: Array1<f64>,
    /// Weights of a buyer's purchases (a row of Z^F) for these goods, `L y^D / x`.
    simple: Array1<f64>,
    /// The same for all that it makes, `B y / x`: 1, and 0 where output is 0, but for what buyers without output do.
    all: Array1<f64>,
}

impl Uses {
    fn of<T: Cell>(table: &Table<T>) -> Result<Self> {
        let (local, (home, abroad)) = local_and_goods(table)?;
        let at_home = local.solve(home.view());
        let simple = per_output(at_home.view(), table.x.view());
        let all = per_output(table.made.view(), table.x.view());
        Ok(Self { local, home, abroad, at_home, simple, all })
    }
}

/// Factors of the domestic blocks, and final goods for home and for abroad: at once, for each is short.
fn local_and_goods<T: Cell>(table: &Table<T>) -> Result<(Local, FinalGoods)> {
    let factors = || Local::new(table.z, table.x.view(), &table.blocks);
    let (local, goods) = rayon::join(factors, || table.final_goods());
    Ok((local?, goods))
}

/// Columns times a common scale by row.
fn scaled_columns(columns: &[Array1<f64>], scale: ArrayView1<f64>) -> Array2<f64> {
    let mut out = Array2::zeros((scale.len(), columns.len()));
    for (mut target, column) in out.columns_mut().into_iter().zip(columns) {
        Zip::from(&mut target).and(column).and(scale).for_each(|t, c, s| *t = c * s);
    }
    out
}

/// Vectors side by side.
fn columns<const K: usize>(vectors: [&Array1<f64>; K]) -> Array2<f64> {
    Array2::from_shape_fn((vectors[0].len(), K), |(row, k)| vectors[k][row])
}
