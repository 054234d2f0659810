//! Hypothetical extraction (Dietzenbacher, van Burken and Kondo 2019; Los, Timmer and de Vries 2016): sales of some rows to
//! some buyers are set to zero.
//!
//! Output is then `x* = (I - A*)^-1 y*`. A* differs from A by `P Q'` with few columns, so the old solver does for it
//! (Sherman, Morrison and Woodbury): `x* = z - U (I + Q'U)^-1 Q'z` with `U = B P` and `z = B y*`. Losses are counted from
//! `B y`, which is x but where a sector buys without output: so no cut loses nothing.

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, Axis, s};
use ndarray_linalg::Solve;

use crate::error::{Error, Result};
use crate::leontief::{EXTRACTION_RESIDUAL, Solver, failure, output_made};
use crate::machine::{blas, interrupt, memory, passes};
use crate::table::{Table, reciprocal};

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
pub struct Extraction<'a, 't> {
    table: &'a Table<'t>,
    solver: &'a dyn Solver,
    links: Vec<Link>,
    /// Output before, `B y`.
    made: Array1<f64>,
    /// `Q'`, k x n.
    q: Array2<f64>,
    /// `B P`, n x k.
    u: Array2<f64>,
    /// `Q' U`, k x k.
    core: Array2<f64>,
}

impl<'a, 't> Extraction<'a, 't> {
    /// Prepare: k solves, k the smaller side of each link, summed. Holds two n x k arrays.
    pub fn new(table: &'a Table<'t>, solver: &'a dyn Solver, links: Vec<Link>) -> Result<Self> {
        let (n, regions) = (table.blocks.n(), table.blocks.count());
        for link in &links {
            let inside = |items: &[usize], end| items.iter().all(|i| *i < end);
            if !inside(&link.rows, n) || !inside(&link.columns, n) || !inside(&link.markets, regions) {
                return Err(Error::Shape {
                    what: "link",
                    expected: format!("rows and columns below {n}, markets below {regions}"),
                    got: format!("{link:?}"),
                });
            }
        }
        let rank = links.iter().map(|l| l.rows.len().min(l.columns.len())).sum();
        memory::expect("extraction", n, &[("solves", 3.0 * n as f64 * rank as f64)])?;
        let (p, q) = low_rank(table, &links, rank)?;
        let u = solver.solve(p)?;
        let mut core = memory::zeros((rank, rank))?;
        blas::gemm(1.0, q.view(), u.view(), 0.0, core.view_mut())?;
        let made = output_made(table, solver)?.unwrap_or_else(|| table.x.clone());
        Ok(Self { table, solver, links, made, q, u, core })
    }

    /// Output when a share of the sales is cut (1: all of them).
    pub fn output(&self, share: f64) -> Result<Array1<f64>> {
        if share == 0.0 {
            // Exactly what it was, without the rounding of a solve.
            return Ok(self.made.clone());
        }
        let mut demand = self.table.y.sum_axis(Axis(1));
        for link in &self.links {
            for &row in &link.rows {
                demand[row] -= share * link.markets.iter().map(|m| self.table.y[[row, *m]]).sum::<f64>();
            }
        }
        let z = self.solver.solve(demand.clone().insert_axis(Axis(1)))?.remove_axis(Axis(1));
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
        let used = &x * &reciprocal(self.table.x.view())?;
        let bought = passes::times(self.table.z, used.view());
        let mut gap = &x - &bought - demand;
        for link in &self.links {
            for &row in &link.rows {
                gap[row] += share * link.columns.iter().map(|c| self.table.z[[row, *c]] * used[*c]).sum::<f64>();
            }
        }
        let size = x.iter().chain(demand.iter()).fold(1e-300_f64, |m, e| m.max(e.abs()));
        let worst = failure(gap.into_iter()) / size;
        // Written so that NaN fails.
        if worst <= EXTRACTION_RESIDUAL { Ok(()) } else { Err(Error::Unsolved { residual: worst }) }
    }
}

/// `A - A* = P Q'`: of each link the smaller side is made of unit vectors.
fn low_rank(table: &Table, links: &[Link], rank: usize) -> Result<(Array2<f64>, Array2<f64>)> {
    let n = table.blocks.n();
    let scale = reciprocal(table.x.view())?;
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
    Ok((p, q))
}

/// Value added lost when all sales of one region to another are cut, for every pair: source x target x (loss of the
/// source, of the target, of the world). With `intermediate` alone, final goods are still sold.
///
/// One source at a time: N solves serve all its targets, by rows of `B E_s`. Holds one n x N array.
pub fn extract_pairs(table: &Table, solver: &dyn Solver, intermediate: bool) -> Result<Array3<f64>> {
    let blocks = &table.blocks;
    let (n, count) = (blocks.n(), blocks.count());
    memory::expect("extraction_pairs", n, &[("solves", 3.0 * (n * blocks.largest()) as f64)])?;
    let made = output_made(table, solver)?.unwrap_or_else(|| table.x.clone());
    let mut out = Array3::zeros((count, count, 3));
    for (source, rows) in blocks.iter() {
        interrupt::check()?;
        let mut unit = Array2::zeros((n, rows.len()));
        unit.slice_mut(s![rows, ..]).diag_mut().fill(1.0);
        let u = solver.solve(unit)?;
        let content = value_by_region(table, u.view());
        for target in (0..count).filter(|t| *t != source) {
            let cut = pair_cut(table, &made, u.view(), (source, target), intermediate)?;
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
fn value_by_region(table: &Table, u: ArrayView2<f64>) -> Array2<f64> {
    let mut out = Array2::zeros((table.blocks.count(), u.ncols()));
    for (region, rows) in table.blocks.iter() {
        out.row_mut(region).assign(&table.v.slice(s![rows.clone()]).dot(&u.slice(s![rows, ..])));
    }
    out
}

/// Sales of the source that go missing, c with `x - x* = U c`: final demand and the inputs of what the target still makes.
///
/// `x* = B (y - f) - U M^-1 D (B (y - f))_t` with `B f = U f_s` and `M = I + D U_t`.
fn pair_cut(
    table: &Table,
    made: &Array1<f64>,
    u: ArrayView2<f64>,
    (source, target): (usize, usize),
    intermediate: bool,
) -> Result<Array1<f64>> {
    let (from, to) = (table.blocks.rows(source), table.blocks.rows(target));
    let mut goods = table.y.slice(s![from.clone(), target]).to_owned();
    if intermediate {
        goods.fill(0.0);
    }
    let d = &table.z.slice(s![from, to.clone()]) * &reciprocal(table.x.slice(s![to.clone()]))?;
    let u_target = u.slice(s![to.clone(), ..]);
    let left = &made.slice(s![to]) - &u_target.dot(&goods);
    let mut m = d.dot(&u_target);
    m.diag_mut().mapv_inplace(|e| 1.0 + e);
    let inputs = m.solve_into(d.dot(&left)).map_err(|_| Error::Unsolved { residual: f64::INFINITY })?;
    if inputs.iter().all(|e| e.is_finite()) { Ok(goods + inputs) } else { Err(Error::Unsolved { residual: f64::NAN }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leontief::{factor, input_coefficients, leontief_inverse};
    use crate::table::tests::{Small, close};

    /// With A and Y changed and everything solved again.
    fn again(t: &Table, link: &Link, share: f64) -> Result<Array1<f64>> {
        let mut a = input_coefficients(t.z, t.x.view())?;
        let mut y = t.y.to_owned();
        for &row in &link.rows {
            link.columns.iter().for_each(|c| a[[row, *c]] *= 1.0 - share);
            link.markets.iter().for_each(|m| y[[row, *m]] *= 1.0 - share);
        }
        let (b, _) = leontief_inverse(a.view())?;
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
        let small = Small::new();
        let t = small.table()?;
        let factor = factor(t.z, t.x.view())?;
        for link in &links {
            for share in [0.0, 0.3, 1.0] {
                let got = Extraction::new(&t, &factor, vec![link.clone()])?.output(share)?;
                assert!(close(&got, &again(&t, link, share)?, 1e-11), "{link:?} {share}");
            }
        }
        Ok(())
    }

    #[test]
    fn pairs_are_as_one_at_a_time() -> Result<()> {
        let small = Small::new();
        let t = small.table()?;
        let factor = factor(t.z, t.x.view())?;
        for intermediate in [false, true] {
            let pairs = extract_pairs(&t, &factor, intermediate)?;
            let markets = if intermediate { vec![] } else { vec![0] };
            let link = Link { rows: vec![2, 3], columns: vec![0, 1], markets };
            let lost = &t.v * &(&t.x - &again(&t, &link, 1.0)?);
            let want = [lost[2] + lost[3], lost[0] + lost[1], lost.sum()];
            assert!((0..3).all(|k| (pairs[[1, 0, k]] - want[k]).abs() < 1e-11));
            assert_eq!(pairs[[0, 0, 2]], 0.0);
        }
        Ok(())
    }
}
