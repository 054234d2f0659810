//! Bilateral value-added flows: traditional, simple and complex (Wang, Wei, Yu and Zhu 2017), from source to partner.
//!
//! By direct importer (s to r, s != r), without a global inverse:
//! traditional `v_s L_ss Y_sr`; simple `v_s L_ss A_sr L_rr y_rr`; complex `v_s L_ss A_sr (x - L y^D)_r`.
//! They and the domestic `v_s L_ss Y_ss` add up to the value added of s. By final absorber: `V^ B Y`, G right-hand sides.
//!
//! `weights` stands for v: value added per unit of output, 0 for sectors that are left out, or any other factor.

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayViewMut1, Axis, s};
use rayon::prelude::*;

use crate::error::Result;
use crate::leontief::{Local, Solver, counted};
use crate::simd::{self, Cell};
use crate::table::{Dims, Table, over_output};

/// Kinds of flows by direct importer, in the order of the first axis.
pub const KINDS: [&str; 3] = ["traditional", "simple", "complex"];

/// Flows by direct importer.
pub struct ByImporter {
    /// Value added that never leaves, by row (n, or G when summed).
    pub domestic: Array1<f64>,
    /// Kind x row x partner; 0 where source and partner are the same.
    pub abroad: Array3<f64>,
}

/// What a flow leaves a row for, per unit of the partner's use: final goods, and the two uses of intermediates.
struct Uses {
    local: Local,
    /// Use of inputs for goods that the partner absorbs, `w / x` with `w = L y^D`.
    simple: Array1<f64>,
    /// Use of inputs for all output: 1, and 0 where output is 0.
    all: Array1<f64>,
    home: Array1<f64>,
}

impl Uses {
    fn of<T: Cell>(table: &Table<T>) -> Result<Self> {
        let local = Local::new(table.z, table.x, table.dims)?;
        let (home, _) = table.final_goods();
        let absorbed = local.solve(home.view());
        let simple = over_output(absorbed.view(), table.x);
        let all = counted(table.x);
        Ok(Self { local, simple, all, home })
    }
}

/// Flows by direct importer between regions: one pass over Z, no inverse.
pub fn by_importer<T: Cell>(table: &Table<T>, weights: ArrayView1<f64>) -> Result<ByImporter> {
    let dims = table.dims;
    let uses = Uses::of(table)?;
    let left = uses.local.solve_transposed(weights);
    let mut abroad = Array3::zeros((KINDS.len(), dims.regions, dims.regions));
    abroad.axis_iter_mut(Axis(1)).into_par_iter().enumerate().for_each(|(source, mut rows)| {
        let block = dims.block(source);
        let mut inputs = vec![0.0; dims.n()];
        let mut goods = Array1::<f64>::zeros(dims.regions);
        for row in block {
            simd::accumulate(ArrayViewMut1::from(&mut inputs[..]), left[row], table.z.row(row));
            goods.scaled_add(left[row], &table.y.row(row));
        }
        for partner in (0..dims.regions).filter(|p| *p != source) {
            let [simple, complex] = split(&inputs, &uses, dims, partner);
            rows[[0, partner]] = goods[partner];
            rows[[1, partner]] = simple;
            rows[[2, partner]] = complex;
        }
    });
    let domestic = sum_by_region((&left * &uses.home).view(), dims);
    Ok(ByImporter { domestic, abroad })
}

/// Flows by direct importer from each row (region and sector): one pass over Z, local solves with G columns.
pub fn by_importer_rows<T: Cell>(table: &Table<T>, weights: ArrayView1<f64>) -> Result<ByImporter> {
    let dims = table.dims;
    let uses = Uses::of(table)?;
    let mut abroad = Array3::zeros((KINDS.len(), dims.n(), dims.regions));
    abroad.axis_iter_mut(Axis(1)).into_par_iter().enumerate().for_each(|(row, mut cells)| {
        let flows = table.z.row(row).iter().map(|e| e.widen()).collect::<Vec<_>>();
        for partner in (0..dims.regions).filter(|p| *p != dims.region(row)) {
            let [simple, complex] = split(&flows, &uses, dims, partner);
            cells[[0, partner]] = table.y[[row, partner]];
            cells[[1, partner]] = simple;
            cells[[2, partner]] = complex;
        }
    });
    for mut kind in abroad.outer_iter_mut() {
        for region in 0..dims.regions {
            let mut block = kind.slice_mut(s![dims.block(region), ..]);
            let solved = uses.local.solve_block(region, block.to_owned())?;
            block.assign(&solved);
        }
        kind *= &weights.insert_axis(Axis(1));
    }
    let domestic = uses.local.solve(uses.home.view()) * weights;
    Ok(ByImporter { domestic, abroad })
}

/// Inputs sold to one partner, as (simple, complex).
fn split(flows: &[f64], uses: &Uses, dims: Dims, partner: usize) -> [f64; 2] {
    let block = dims.block(partner);
    let part = &flows[block.clone()];
    let [simple, all] =
        [&uses.simple, &uses.all].map(|use_| simd::dot(part, &use_.as_slice().unwrap_or_default()[block.clone()]));
    [simple, all - simple]
}

/// Value added of each row absorbed in each region, `V^ B Y`: G right-hand sides. n x G.
pub fn by_absorber(table: &Table, weights: ArrayView1<f64>, solver: &dyn Solver) -> Result<Array2<f64>> {
    let mut absorbed = solver.solve(table.y.to_owned())?;
    absorbed *= &weights.insert_axis(Axis(1));
    Ok(absorbed)
}

/// Rows of a matrix summed by region: G x columns.
pub fn rows_by_region(matrix: ArrayView2<f64>, dims: Dims) -> Array2<f64> {
    let mut out = Array2::zeros((dims.regions, matrix.ncols()));
    for (mut target, block) in out.outer_iter_mut().zip(matrix.axis_chunks_iter(Axis(0), dims.sectors)) {
        target.assign(&block.sum_axis(Axis(0)));
    }
    out
}

fn sum_by_region(values: ArrayView1<f64>, dims: Dims) -> Array1<f64> {
    values.axis_chunks_iter(Axis(0), dims.sectors).map(|block| block.sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leontief;
    use ndarray::array;

    #[test]
    fn rows_summed_are_regions_and_all_adds_up_to_value_added() -> Result<()> {
        let z = array![[10.0, 5.0, 3.0, 2.0], [4.0, 20.0, 1.0, 6.0], [2.0, 3.0, 15.0, 7.0], [1.0, 4.0, 5.0, 25.0]];
        let y = array![[30.0, 6.0], [40.0, -2.0], [5.0, 50.0], [8.0, 60.0]];
        let (rows, cols) = crate::table::sums(z.view());
        let x = rows + y.sum_axis(Axis(1));
        let va = &x - &cols;
        let t = Table::new(z.view(), y.view(), x.view(), va.view(), 2)?;
        let v = t.v();
        let (region, row) = (by_importer(&t, v.view())?, by_importer_rows(&t, v.view())?);
        for (a, b) in region.abroad.outer_iter().zip(row.abroad.outer_iter()) {
            assert!((rows_by_region(b, t.dims) - a).iter().all(|e| e.abs() < 1e-12));
            assert_eq!((a[[0, 0]], a[[1, 1]]), (0.0, 0.0));
        }
        let all = row.abroad.sum_axis(Axis(0)).sum_axis(Axis(1)) + &row.domestic;
        assert!((all - &va).iter().all(|e| e.abs() < 1e-12));
        let factor = leontief::factor(t.z, t.x)?;
        let absorbed = by_absorber(&t, v.view(), &factor)?;
        assert!((absorbed.sum_axis(Axis(1)) - &va).iter().all(|e| e.abs() < 1e-12));
        Ok(())
    }
}
