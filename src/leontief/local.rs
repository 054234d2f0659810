//! Local Leontief inverses: each region's own inputs only.

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayViewMut, Axis, Dimension};
use rayon::prelude::*;

use super::coefficients::{local_coefficients, local_identity_minus};
use super::factor::Factor;
use super::inverse::leontief_inverse;
use super::solver::Solver;
use crate::error::Result;
use crate::machine::memory;
use crate::machine::simd::Cell;
use crate::table::Blocks;

/// Local blocks up to this order are factored side by side, larger ones in turn by threaded products.
const SIDE_BY_SIDE: usize = 96;
/// Local solves that one parallel task handles.
const REGIONS_PER_TASK: usize = 8;

/// LU factors of each region's `I - a^D`.
pub struct Local {
    blocks: Blocks,
    factors: Vec<Factor>,
}

impl Local {
    /// Factor the domestic blocks of a table; G blocks of N x N are held.
    pub fn new<T: Cell>(z: ArrayView2<T>, x: ArrayView1<f64>, blocks: &Blocks) -> Result<Self> {
        Self::expect_room(blocks)?;
        let factors = per_region(blocks, |region| {
            let rows = blocks.rows(region);
            let m = local_identity_minus(z, x, rows.clone());
            m.and_then(Factor::new).map_err(|error| error.shifted(rows.start))
        })?;
        Ok(Self { blocks: blocks.clone(), factors })
    }

    /// Error unless the factors of a table of these regions can be held.
    pub fn expect_room(blocks: &Blocks) -> Result<()> {
        let cells = blocks.iter().map(|(_, rows)| rows.len().pow(2) as f64).sum();
        memory::expect("factors of the domestic blocks", blocks.n(), &[("LU", cells)])
    }

    /// Regions.
    pub fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// `L b`, region by region.
    pub fn solve(&self, b: ArrayView1<f64>) -> Array1<f64> {
        self.apply(b, |factor, part| factor.solve_vector(part))
    }

    /// `b' L`, region by region.
    pub fn solve_transposed(&self, b: ArrayView1<f64>) -> Array1<f64> {
        self.apply(b, |factor, part| factor.solve_transposed_vector(part))
    }

    fn apply(&self, b: ArrayView1<f64>, solve: impl Fn(&Factor, Array1<f64>) -> Array1<f64> + Sync) -> Array1<f64> {
        let mut out = b.to_owned();
        self.side_by_side(out.view_mut(), |factor, mut part| {
            let solved = solve(factor, part.to_owned());
            part.assign(&solved);
        });
        out
    }

    /// `L b` for all rows of a matrix, each region by BLAS.
    pub fn solve_rows(&self, mut b: Array2<f64>) -> Result<Array2<f64>> {
        for (factor, mut part) in self.factors.iter().zip(self.blocks.parts_mut(b.view_mut())) {
            let solved = factor.solve(part.to_owned())?;
            part.assign(&solved);
        }
        Ok(b)
    }

    /// `L b`, or `L' b`, for few columns: regions side by side, each column by plain loops.
    pub fn solve_columns(&self, mut b: Array2<f64>, transposed: bool) -> Array2<f64> {
        self.factors.par_iter().zip(self.blocks.parts_mut(b.view_mut())).for_each(|(factor, mut rows)| {
            for mut column in rows.columns_mut() {
                let solved = factor.solve_alone(column.to_owned(), transposed);
                column.assign(&solved);
            }
        });
        b
    }

    /// Work on each region's rows: in parallel where blocks are small, in turn where BLAS has threads of its own.
    fn side_by_side<D: Dimension>(
        &self,
        rows: ArrayViewMut<f64, D>,
        work: impl Fn(&Factor, ArrayViewMut<f64, D>) + Sync,
    ) {
        let parts = self.blocks.parts_mut(rows);
        if self.blocks.largest() <= SIDE_BY_SIDE {
            // A few regions a task: a block of 35 sectors takes only a microsecond.
            let pairs = self.factors.par_iter().zip(parts).with_min_len(REGIONS_PER_TASK);
            pairs.for_each(|(factor, part)| work(factor, part));
        } else {
            self.factors.iter().zip(parts).for_each(|(factor, part)| work(factor, part));
        }
    }
}

/// Local Leontief inverses `(I - a^D)^-1` of regions of equal size, shape (G, N, N).
pub fn local_inverse(z: ArrayView2<f64>, x: ArrayView1<f64>, blocks: &Blocks) -> Result<Array3<f64>> {
    let sectors = blocks.largest();
    let cells = (blocks.n() * sectors) as f64;
    memory::expect("local_inverse", blocks.n(), &[("L", cells), ("its parts", cells)])?;
    let inverses = per_region(blocks, |region| {
        let rows = blocks.rows(region);
        let a = local_coefficients(z, x, rows.clone())?;
        let (inverse, _) = leontief_inverse(a.view()).map_err(|error| error.shifted(rows.start))?;
        Ok(inverse)
    })?;
    let mut out = memory::zeros((blocks.count(), sectors, sectors))?;
    for (mut target, inverse) in out.axis_iter_mut(Axis(0)).zip(&inverses) {
        target.assign(inverse);
    }
    Ok(out)
}

fn per_region<T: Send>(blocks: &Blocks, work: impl Fn(usize) -> Result<T> + Sync + Send) -> Result<Vec<T>> {
    if blocks.largest() <= SIDE_BY_SIDE {
        (0..blocks.count()).into_par_iter().map(work).collect()
    } else {
        (0..blocks.count()).map(work).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::table::tests::close;
    use ndarray::{array, s};

    #[test]
    fn local_blocks_and_the_column_of_a_bad_one() -> Result<()> {
        let blocks = Blocks::equal(4, 2)?;
        let mut z = Array2::from_elem((4, 4), 1.0);
        let x = Array1::from_elem(4, 10.0);
        let l = local_inverse(z.view(), x.view(), &blocks)?;
        let (block, _) = leontief_inverse(Array2::from_elem((2, 2), 0.1).view())?;
        assert!(close(&l.index_axis(Axis(0), 1).to_owned(), &block, 1e-15));
        let local = Local::new(z.view(), x.view(), &blocks)?;
        let b = array![1.0, 2.0, 3.0, 4.0];
        assert!(close(&local.solve(b.view()).slice(s![..2]).to_owned(), &block.dot(&b.slice(s![..2])), 1e-14));
        z[[3, 3]] = 20.0;
        assert!(matches!(Local::new(z.view(), x.view(), &blocks), Err(Error::NotProductive { col: 3, .. })));
        Ok(())
    }

    #[test]
    fn regions_of_unequal_size_are_solved_each_by_itself() -> Result<()> {
        let n = 120;
        let z = Array2::from_shape_fn((n, n), |(i, j)| ((i * 7 + j * 3) % 5) as f64 / 4.0);
        let x = Array1::from_elem(n, 200.0);
        let b = Array2::from_shape_fn((n, 3), |(i, k)| (i % 7) as f64 - k as f64);
        for bounds in [vec![0, 1, 5, 60, n], vec![0, 10, n]] {
            let blocks = Blocks::new(bounds, n)?;
            let local = Local::new(z.view(), x.view(), &blocks)?;
            let rows = local.solve_rows(b.clone())?;
            assert!(close(&local.solve_columns(b.clone(), false), &rows, 1e-11));
            assert!(close(&local.solve(b.column(1)), &rows.column(1).to_owned(), 1e-11));
            let transposed = local.solve_columns(b.clone(), true);
            assert!(close(&local.solve_transposed(b.column(1)), &transposed.column(1).to_owned(), 1e-11));
            for (_, rows_of) in blocks.iter() {
                let own = Factor::new(local_identity_minus(z.view(), x.view(), rows_of.clone())?)?;
                let alone = own.solve(b.slice(s![rows_of.clone(), ..]).to_owned())?;
                assert!(close(&rows.slice(s![rows_of, ..]).to_owned(), &alone, 1e-12));
            }
        }
        Ok(())
    }
}
