//! What all decompositions take: a method, an economy, and terms as they come.

use ndarray::{Array1, Array2, Array3, ArrayD, ArrayView2, Axis};
use rayon::prelude::*;

use crate::error::{Error, Result, expect_shape};
use crate::leontief::{Local, Solver};
use crate::machine::{memory, simd};
use crate::measures::reliance;
use crate::table::{Table, reciprocal};

/// A decomposition: its name, its terms in column order, and the terms of an economy, by exporter (G x terms) or by row
/// and partner (n x G x terms).
#[derive(Clone, Copy)]
pub struct Method {
    /// Name in Python.
    pub name: &'static str,
    /// Names of the terms.
    pub terms: &'static [&'static str],
    pub(super) kernel: fn(&Economy) -> Result<ArrayD<f64>>,
}

impl Method {
    /// The terms of an economy.
    pub fn terms_of(&self, economy: &Economy) -> Result<ArrayD<f64>> {
        (self.kernel)(economy)
    }
}

/// A table with a solver and what all methods need of them.
pub struct Economy<'t, 's> {
    pub(super) table: Table<'t>,
    pub(super) solver: &'s dyn Solver,
    pub(super) local: Local,
    /// 1 / x, 0 where x is 0.
    pub(super) per_unit: Array1<f64>,
    /// Final goods for home, y^D.
    pub(super) home: Array1<f64>,
    /// `v_s L_ss`, n.
    pub(super) vl: Array1<f64>,
    /// Output that a region needs for its own final demand, `L_ss Y_ss`, n.
    pub(super) own: Array1<f64>,
    /// Value added of region t per unit of final good j, `v_t B_tj`: n x G.
    pub(super) origin: Array2<f64>,
    /// Its diagonal `v_s B_ss`, and its sum over t without it, n.
    pub(super) vb: Array1<f64>,
    pub(super) foreign: Array1<f64>,
    /// Gross exports by partner, n x G, 0 to the own region.
    pub(super) exports: Array2<f64>,
}

impl<'t, 's> Economy<'t, 's> {
    /// Factor the regions, and trace where value added is from.
    pub fn new(table: Table<'t>, solver: &'s dyn Solver) -> Result<Self> {
        let (n, count) = (table.blocks.n(), table.blocks.count());
        expect_shape("B", &[solver.order(); 2], &[n, n])?;
        // Some sixteen terms and as many matrices on the way to them.
        memory::expect("a decomposition of exports", n, &[("terms", 32.0 * (n * count) as f64)])?;
        let blocks = &table.blocks;
        let local = Local::new(table.z, table.x.view(), blocks)?;
        let vl = local.solve_transposed(table.v.view());
        let (home, _) = table.final_goods();
        let own = local.solve(home.view());
        let origin = solver.solve_transposed(blocks.spread(table.v.view()))?;
        let vb = blocks.own(origin.view());
        let foreign = origin.sum_axis(Axis(1)) - &vb;
        let per_unit = reciprocal(table.x.view())?;
        let exports = gross_exports(&table);
        Ok(Self { per_unit, local, vl, home, own, origin, vb, foreign, exports, table, solver })
    }

    /// Gross exports by row and partner, n x G.
    pub fn exports(&self) -> ArrayView2<'_, f64> {
        self.exports.view()
    }

    /// Final goods sent to each partner: n x G, 0 to its own.
    pub(super) fn final_exports(&self) -> Array2<f64> {
        self.table.blocks.without_own(self.table.y.to_owned())
    }

    /// `B` times a vector spread over one column a region: column s holds `B_.s u_s`. n x G, one product.
    pub(super) fn spread_product(&self, u: &Array1<f64>) -> Result<Array2<f64>> {
        self.solver.solve(self.table.blocks.spread(u.view()))
    }

    /// `B Y`: output of each row for the final demand of each region. n x G.
    pub(super) fn absorbed(&self) -> Result<Array2<f64>> {
        self.solver.solve(self.table.y.to_owned())
    }

    /// B itself, for a method that takes blocks of it.
    pub(super) fn inverse(&self, method: &Method) -> Result<ArrayView2<'_, f64>> {
        self.solver.inverse().ok_or_else(|| Error::Shape {
            what: "b",
            expected: format!("the inverse (I - A)^-1 as an array: {} takes blocks of it", method.name),
            got: "factors or rounds".to_owned(),
        })
    }

    /// Products `A_sr h` for several vectors h, by row of s and partner r: one pass over Z, K matrices n x G.
    ///
    /// `uses(s)` gives the K vectors (n each, divided by output) that exporter s needs; 0 for its own region.
    pub(super) fn pass<const K: usize>(&self, uses: impl Fn(usize) -> [Array1<f64>; K] + Sync) -> [Array2<f64>; K] {
        let (blocks, z) = (&self.table.blocks, &self.table.z);
        let count = blocks.count();
        let of_exporter = |source| {
            let vectors = uses(source).map(|h| h.to_vec());
            let mut cells = Vec::with_capacity(blocks.rows(source).len() * count);
            for row in blocks.rows(source) {
                let flows = simd::contiguous(z.row(row));
                cells.extend(blocks.iter().map(|(partner, columns)| {
                    let sold = |k: usize| simd::dot(&flows[columns.clone()], &vectors[k][columns.clone()]);
                    std::array::from_fn(|k| if partner == source { 0.0 } else { sold(k) })
                }));
            }
            cells
        };
        let parts: Vec<Vec<[f64; K]>> = (0..count).into_par_iter().map(of_exporter).collect();
        let mut out = std::array::from_fn(|_| Array2::zeros((blocks.n(), count)));
        for (row, cells) in parts.iter().flat_map(|part| part.chunks(count)).enumerate() {
            for (partner, values) in cells.iter().enumerate() {
                out.iter_mut().zip(values).for_each(|(matrix, value)| matrix[[row, partner]] = *value);
            }
        }
        out
    }
}

/// Exports of each row to each other region, intermediate and final: n x G, 0 to its own. What a buyer without output
/// imports is among them.
fn gross_exports(table: &Table) -> Array2<f64> {
    table.blocks.without_own(reliance::sold(table))
}

/// Terms by row and partner as they come: a coefficient by row times a part of exports.
pub(super) struct Stack {
    out: Array3<f64>,
    next: usize,
}

impl Stack {
    pub(super) fn new(economy: &Economy, method: &Method) -> Result<Self> {
        let (n, count) = economy.exports.dim();
        Ok(Self { out: memory::zeros((n, count, method.terms.len()))?, next: 0 })
    }

    /// The next term: coefficient of the row times the part.
    pub(super) fn push(&mut self, coefficient: &Array1<f64>, part: &Array2<f64>) {
        self.push_matrix(&(part * &coefficient.view().insert_axis(Axis(1))));
    }

    pub(super) fn push_matrix(&mut self, term: &Array2<f64>) {
        self.out.index_axis_mut(Axis(2), self.next).assign(term);
        self.next += 1;
    }

    /// All terms.
    pub(super) fn all(self) -> ArrayD<f64> {
        assert!(self.next == self.out.dim().2, "as many terms as the method names");
        self.out.into_dyn()
    }
}
