//! Dependence of one region on another: look-through reliance on inputs and markets, and hypothetical extraction.
//!
//! Extraction (Dietzenbacher, van Burken and Kondo 2019; Los, Timmer and de Vries 2016) sets sales of some rows to some
//! buyers to zero: `x* = (I - A*)^-1 y*`. A* differs from A by `P Q'` with few columns, so the old factors solve for it
//! (Sherman, Morrison and Woodbury): `x* = z - U (I + Q'U)^-1 Q'z` with `U = B P` and `z = B y*`.

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, Axis, s};
use ndarray_linalg::Solve;

use crate::blas;
use crate::error::{Error, Result};
use crate::interrupt;
use crate::leontief::{Factor, Solver, reciprocal};
use crate::table::{Dims, Table};

/// Largest relative residual of the economy after an extraction.
const RESIDUAL_LIMIT: f64 = 1e-8;

/// Sales that are cut: of some rows to some buying sectors, and to the final demand of some regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Selling rows.
    pub rows: Vec<usize>,
    /// Buying sectors, as columns of Z.
    pub columns: Vec<usize>,
    /// Regions whose final demand is cut.
    pub markets: Vec<usize>,
}

/// A table with links cut, ready for any share of the cut.
pub struct Extraction<'a> {
    table: Table<'a>,
    factor: &'a Factor,
    links: Vec<Link>,
    /// `Q'`, k x n.
    q: Array2<f64>,
    /// `B P`, n x k.
    u: Array2<f64>,
    /// `Q' U`, k x k.
    core: Array2<f64>,
}

impl<'a> Extraction<'a> {
    /// Prepare: k solves, k the smaller side of each link, summed. Holds two n x k arrays.
    pub fn new(table: Table<'a>, factor: &'a Factor, links: Vec<Link>) -> Result<Self> {
        let n = table.dims.n();
        for link in &links {
            let inside = |items: &[usize], end| items.iter().all(|i| *i < end);
            if !inside(&link.rows, n) || !inside(&link.columns, n) || !inside(&link.markets, table.dims.regions) {
                return Err(Error::Shape {
                    what: "link",
                    expected: format!("rows and columns below {n}, markets below {}", table.dims.regions),
                    got: format!("{link:?}"),
                });
            }
        }
        let (p, q) = low_rank(&table, &links);
        let u = factor.solve(p)?;
        let mut core = Array2::zeros((q.nrows(), q.nrows()));
        blas::gemm(1.0, q.view(), u.view(), 0.0, core.view_mut())?;
        Ok(Self { table, factor, links, q, u, core })
    }

    /// Output when a share of the sales is cut (1: all of them).
    pub fn output(&self, share: f64) -> Result<Array1<f64>> {
        if share == 0.0 {
            // Exactly what it was, without the rounding of a solve.
            return Ok(self.table.x.to_owned());
        }
        let mut demand = self.table.y.sum_axis(Axis(1));
        for link in &self.links {
            for &row in &link.rows {
                demand[row] -= share * link.markets.iter().map(|m| self.table.y[[row, *m]]).sum::<f64>();
            }
        }
        let z = self.factor.solve_vector(demand.clone());
        let x = &z - &self.correction(share, z.view())?;
        self.verify(share, demand.view(), x.view())?;
        Ok(x)
    }

    /// `U (I + Q'U)^-1 Q'z`, with Q times the share.
    fn correction(&self, share: f64, z: ArrayView1<f64>) -> Result<Array1<f64>> {
        let k = self.q.nrows();
        if k == 0 {
            return Ok(Array1::zeros(z.len()));
        }
        let mut m = &self.core * share;
        m.diag_mut().mapv_inplace(|e| 1.0 + e);
        let w = m.solve_into(self.q.dot(&z) * share).map_err(|_| Error::Unsolved { residual: f64::INFINITY })?;
        Ok(self.u.dot(&w))
    }

    /// `x* = A* x* + y*`, by one pass over Z.
    fn verify(&self, share: f64, demand: ArrayView1<f64>, x: ArrayView1<f64>) -> Result<()> {
        let scale = reciprocal(self.table.x);
        let used = &x * &scale;
        let bought = crate::leontief::times(self.table.z, used.view());
        let mut gap = &x - &bought - demand;
        for link in &self.links {
            for &row in &link.rows {
                gap[row] += share * link.columns.iter().map(|c| self.table.z[[row, *c]] * used[*c]).sum::<f64>();
            }
        }
        let size = x.iter().chain(demand.iter()).fold(1e-300_f64, |m, e| m.max(e.abs()));
        let worst = gap.iter().fold(0.0_f64, |m, e| if e.abs() <= m { m } else { e.abs() }) / size;
        // Written so that NaN fails.
        if worst <= RESIDUAL_LIMIT { Ok(()) } else { Err(Error::Unsolved { residual: worst }) }
    }
}

/// `A - A* = P Q'`: of each link the smaller side is made of unit vectors.
fn low_rank(table: &Table, links: &[Link]) -> (Array2<f64>, Array2<f64>) {
    let n = table.dims.n();
    let scale = reciprocal(table.x);
    let rank = links.iter().map(|l| l.rows.len().min(l.columns.len())).sum();
    let (mut p, mut q) = (Array2::zeros((n, rank)), Array2::zeros((rank, n)));
    let mut k = 0;
    for link in links {
        if link.rows.len() <= link.columns.len() {
            for &row in &link.rows {
                p[[row, k]] = 1.0;
                link.columns.iter().for_each(|&c| q[[k, c]] = table.z[[row, c]] * scale[c]);
                k += 1;
            }
        } else {
            for &c in &link.columns {
                q[[k, c]] = 1.0;
                link.rows.iter().for_each(|&row| p[[row, k]] = table.z[[row, c]] * scale[c]);
                k += 1;
            }
        }
    }
    (p, q)
}

/// Value added lost when all sales of one region to another are cut, for every pair: source x target x (loss of the
/// source, of the target, of the world). With `intermediate` alone, final goods are still sold.
///
/// One source at a time: N solves serve all its targets, by rows of `B E_s`. Holds one n x N array.
pub fn extract_pairs(
    table: &Table,
    factor: &Factor,
    weights: ArrayView1<f64>,
    intermediate: bool,
) -> Result<Array3<f64>> {
    let dims = table.dims;
    let mut out = Array3::zeros((dims.regions, dims.regions, 3));
    for source in 0..dims.regions {
        interrupt::check()?;
        let rows = dims.block(source);
        let mut unit = Array2::zeros((dims.n(), dims.sectors));
        unit.slice_mut(s![rows, ..]).diag_mut().fill(1.0);
        let u = factor.solve(unit)?;
        let content = value_by_region(weights, u.view(), dims);
        for target in (0..dims.regions).filter(|t| *t != source) {
            let cut = pair_cut(table, u.view(), source, target, intermediate)?;
            // x - x* = U (cut), so all losses are sums over the source's sectors.
            let lost = content.dot(&cut);
            out[[source, target, 0]] = lost[source];
            out[[source, target, 1]] = lost[target];
            out[[source, target, 2]] = lost.sum();
        }
    }
    Ok(out)
}

/// `v_t' U_t` of each region t: G x N.
fn value_by_region(weights: ArrayView1<f64>, u: ArrayView2<f64>, dims: Dims) -> Array2<f64> {
    let mut out = Array2::zeros((dims.regions, u.ncols()));
    for (region, mut into) in out.outer_iter_mut().enumerate() {
        let rows = dims.block(region);
        into.assign(&weights.slice(s![rows.clone()]).dot(&u.slice(s![rows, ..])));
    }
    out
}

/// Sales of the source that go missing, c with `x - x* = U c`: final demand and the inputs of what the target still makes.
///
/// `x* = B (y - f) - U M^-1 D (B (y - f))_t` with `B y = x`, `B f = U f_s` and `M = I + D U_t`.
fn pair_cut(
    table: &Table,
    u: ArrayView2<f64>,
    source: usize,
    target: usize,
    intermediate: bool,
) -> Result<Array1<f64>> {
    let (from, to) = (table.dims.block(source), table.dims.block(target));
    let mut goods = table.y.slice(s![from.clone(), target]).to_owned();
    if intermediate {
        goods.fill(0.0);
    }
    let d = &table.z.slice(s![from, to.clone()]) * &reciprocal(table.x.slice(s![to.clone()]));
    let u_target = u.slice(s![to.clone(), ..]);
    let left = &table.x.slice(s![to]) - &u_target.dot(&goods);
    let mut m = d.dot(&u_target);
    m.diag_mut().mapv_inplace(|e| 1.0 + e);
    let inputs = m.solve_into(d.dot(&left)).map_err(|_| Error::Unsolved { residual: f64::INFINITY })?;
    if inputs.iter().all(|e| e.is_finite()) { Ok(goods + inputs) } else { Err(Error::Unsolved { residual: f64::NAN }) }
}

/// Gross output of each region that a unit of each column's output needs as inputs, direct and indirect (`B - I`): G x n.
///
/// G left solves. At face value the same sums of A: `supplied`.
pub fn required(solver: &dyn Solver, dims: Dims) -> Result<Array2<f64>> {
    let mut unit = Array2::zeros((dims.n(), dims.regions));
    for region in 0..dims.regions {
        unit.slice_mut(s![dims.block(region), region]).fill(1.0);
    }
    let mut sums = solver.solve_transposed(unit)?.reversed_axes().as_standard_layout().into_owned();
    for col in 0..dims.n() {
        sums[[dims.region(col), col]] -= 1.0;
    }
    Ok(sums)
}

/// Inputs of each column by region of origin, `sum_i Z`: G x n, one pass over Z.
pub fn supplied(table: &Table) -> Array2<f64> {
    crate::flows::rows_by_region(table.z, table.dims)
}

/// Sales of each row by region of use, intermediate and final: n x G, one pass over Z.
pub fn sold(table: &Table) -> Array2<f64> {
    let dims = table.dims;
    let mut out = table.y.to_owned();
    ndarray::Zip::from(out.rows_mut()).and(table.z.rows()).par_for_each(|mut into, row| {
        for (into, part) in into.iter_mut().zip(row.axis_chunks_iter(Axis(0), dims.sectors)) {
            *into += part.sum();
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leontief;
    use ndarray::array;

    fn with_table(work: impl for<'a> Fn(&Table<'a>, &'a Factor) -> Result<()>) -> Result<()> {
        let z = array![[10.0, 5.0, 3.0, 2.0], [4.0, 20.0, 1.0, 6.0], [2.0, 3.0, 15.0, 7.0], [1.0, 4.0, 5.0, 25.0]];
        let y = array![[30.0, 6.0], [40.0, -2.0], [5.0, 50.0], [8.0, 60.0]];
        let (rows, cols) = crate::table::sums(z.view());
        let x = rows + y.sum_axis(Axis(1));
        let va = &x - &cols;
        let t = Table::new(z.view(), y.view(), x.view(), va.view(), 2)?;
        let factor = leontief::factor(t.z, t.x)?;
        work(&t, &factor)
    }

    /// With A and Y changed and everything solved again.
    fn again(t: &Table, link: &Link, share: f64) -> Result<Array1<f64>> {
        let mut a = leontief::input_coefficients(t.z, t.x)?;
        let mut y = t.y.to_owned();
        for &row in &link.rows {
            link.columns.iter().for_each(|c| a[[row, *c]] *= 1.0 - share);
            link.markets.iter().for_each(|m| y[[row, *m]] *= 1.0 - share);
        }
        let (b, _) = leontief::leontief_inverse(a.view())?;
        Ok(b.dot(&y.sum_axis(Axis(1))))
    }

    #[test]
    fn links_of_either_side_are_as_solved_again() -> Result<()> {
        let links = [
            Link { rows: vec![0, 1], columns: vec![2, 3], markets: vec![1] },
            Link { rows: vec![0], columns: vec![1, 2, 3], markets: vec![] },
            Link { rows: vec![0, 1, 2], columns: vec![3], markets: vec![1] },
            Link { rows: vec![0, 1], columns: vec![], markets: vec![0, 1] },
        ];
        with_table(|t, factor| {
            for link in &links {
                for share in [0.0, 0.3, 1.0] {
                    let got = Extraction::new(*t, factor, vec![link.clone()])?.output(share)?;
                    let want = again(t, link, share)?;
                    assert!((got - want).iter().all(|e| e.abs() < 1e-11), "{link:?} {share}");
                }
            }
            Ok(())
        })
    }

    #[test]
    fn pairs_are_as_one_at_a_time() -> Result<()> {
        with_table(|t, factor| {
            let v = t.v();
            for intermediate in [false, true] {
                let pairs = extract_pairs(t, factor, v.view(), intermediate)?;
                let markets = if intermediate { vec![] } else { vec![0] };
                let link = Link { rows: vec![2, 3], columns: vec![0, 1], markets };
                let lost = &v * &(&t.x - &again(t, &link, 1.0)?);
                let want = [lost[2] + lost[3], lost[0] + lost[1], lost.sum()];
                assert!((0..3).all(|k| (pairs[[1, 0, k]] - want[k]).abs() < 1e-11));
                assert_eq!(pairs[[0, 0, 2]], 0.0);
            }
            Ok(())
        })
    }

    #[test]
    fn required_inputs_are_sums_of_the_inverse() -> Result<()> {
        with_table(|t, factor| {
            let a = leontief::input_coefficients(t.z, t.x)?;
            let (b, _) = leontief::leontief_inverse(a.view())?;
            let want = crate::flows::rows_by_region((b - Array2::<f64>::eye(4)).view(), t.dims);
            assert!((required(factor, t.dims)? - want).iter().all(|e| e.abs() < 1e-13));
            assert_eq!(sold(t).row(0).to_vec(), vec![45.0, 11.0]);
            assert_eq!(supplied(t).row(1).to_vec(), vec![3.0, 7.0, 20.0, 32.0]);
            Ok(())
        })
    }
}
