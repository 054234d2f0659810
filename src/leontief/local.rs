//! Local Leontief inverses: each region's own inputs only.

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

use super::coefficients::Coefficients;
use super::factor::Factor;
use super::inverse::inverse;
use super::pack::Pack;
use super::solver::Solver;
use crate::error::Result;
use crate::machine::lanes::LANES;
use crate::machine::memory;
use crate::machine::simd::Cell;
use crate::table::{Blocks, reciprocal};

/// Local blocks up to this order are factored side by side, larger ones in turn by threaded products.
const SIDE_BY_SIDE: usize = 96;
/// From this many regions of one order on, they share the lanes of packs.
const FEWEST_LANES: usize = 3;
/// Products from which a solve is shared out to threads: below, they would wake up for nothing.
const FEWEST_PRODUCTS: usize = 400_000;

enum Factors {
    /// Eight regions of one small order at a time.
    Packs(Vec<Pack>),
    /// Each region by itself.
    Each(Vec<Factor>),
}

/// LU factors of each region's `I - a^D`.
pub struct Local {
    blocks: Blocks,
    factors: Factors,
}

impl Local {
    /// Factor the domestic blocks of a table; G blocks of N x N are held.
    pub fn new<T: Cell>(z: ArrayView2<T>, x: ArrayView1<f64>, blocks: &Blocks) -> Result<Self> {
        Self::expect_room(blocks)?;
        let factors = if blocks.largest() <= SIDE_BY_SIDE && blocks.count() >= FEWEST_LANES && blocks.are_equal() {
            let scale = reciprocal(x)?.to_vec();
            let starts: Vec<usize> = (0..blocks.count()).step_by(LANES).collect();
            let packs = starts.into_par_iter().map(|first| Pack::new(z, x, &scale, blocks, first));
            Factors::Packs(packs.collect::<Result<_>>()?)
        } else {
            Factors::Each(per_region(blocks, |region| Factor::local(z, x, blocks.rows(region)))?)
        };
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
        self.solve_columns(b.to_owned().insert_axis(Axis(1)), false).remove_axis(Axis(1))
    }

    /// `b' L`, region by region.
    pub fn solve_transposed(&self, b: ArrayView1<f64>) -> Array1<f64> {
        self.solve_columns(b.to_owned().insert_axis(Axis(1)), true).remove_axis(Axis(1))
    }

    /// `L b` for all rows of a matrix, large regions by BLAS.
    pub fn solve_rows(&self, mut b: Array2<f64>) -> Result<Array2<f64>> {
        let Factors::Each(factors) = &self.factors else { return Ok(self.solve_columns(b, false)) };
        for (factor, mut part) in factors.iter().zip(self.blocks.parts_mut(b.view_mut())) {
            let solved = factor.solve(part.to_owned())?;
            part.assign(&solved);
        }
        Ok(b)
    }

    /// `L b`, or `L' b`, for few columns: small regions side by side, each column by plain loops.
    pub fn solve_columns(&self, mut b: Array2<f64>, transposed: bool) -> Array2<f64> {
        let (order, columns) = (self.blocks.largest(), b.ncols());
        let shared = b.nrows() * order * columns >= FEWEST_PRODUCTS;
        match &self.factors {
            Factors::Packs(packs) => {
                let parts: Vec<_> = b.axis_chunks_iter_mut(Axis(0), order * LANES).collect();
                let work = |(pack, part): (&Pack, ArrayViewMut2<f64>)| pack.solve(part, transposed);
                if shared {
                    packs.par_iter().zip(parts).for_each(work);
                } else {
                    packs.iter().zip(parts).for_each(work);
                }
            }
            Factors::Each(factors) => {
                let parts = self.blocks.parts_mut(b.view_mut());
                let work = |(factor, mut rows): (&Factor, ArrayViewMut2<f64>)| {
                    for mut column in rows.columns_mut() {
                        let part = column.to_owned();
                        // BLAS has threads of its own for large blocks, which are then solved in turn.
                        let solved = match (order <= SIDE_BY_SIDE || columns > 1, transposed) {
                            (true, _) => factor.solve_alone(part, transposed),
                            (false, false) => factor.solve_vector(part),
                            (false, true) => factor.solve_transposed_vector(part),
                        };
                        column.assign(&solved);
                    }
                };
                if shared && (order <= SIDE_BY_SIDE || columns > 1) {
                    factors.par_iter().zip(parts).for_each(work);
                } else {
                    factors.iter().zip(parts).for_each(work);
                }
            }
        }
        b
    }
}

/// Local Leontief inverses `(I - a^D)^-1` of regions of equal size, shape (G, N, N).
pub fn local_inverse(z: ArrayView2<f64>, x: ArrayView1<f64>, blocks: &Blocks) -> Result<Array3<f64>> {
    let sectors = blocks.largest();
    let cells = (blocks.n() * sectors) as f64;
    memory::expect("local_inverse", blocks.n(), &[("L", cells), ("its parts", cells)])?;
    let inverses = per_region(blocks, |region| {
        let rows = blocks.rows(region);
        let a = Coefficients::local(z, x, rows.clone())?;
        let (inverse, _) = inverse(&a).map_err(|error| error.shifted(rows.start))?;
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
    use crate::leontief::leontief_inverse;
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
    fn packs_equal_regions_each_by_itself() -> Result<()> {
        for (regions, sectors) in [(3, 1), (3, 4), (7, 5), (8, 3), (9, 2), (17, 11)] {
            let n = regions * sectors;
            let mut z = Array2::from_shape_fn((n, n), |(i, j)| ((i * 7 + j * 3) % 5) as f64);
            let x = Array1::from_elem(n, 12.0 * sectors as f64);
            // One region has a negative coefficient, another one needs row exchanges.
            z[[0, 0]] = -1.0;
            if sectors > 1 {
                z[[sectors, sectors]] = x[sectors];
                z[[sectors, sectors + 1]] = -x[sectors];
                z[[sectors + 1, sectors]] = x[sectors] / 2.0;
            }
            let blocks = Blocks::equal(n, sectors)?;
            let local = Local::new(z.view(), x.view(), &blocks)?;
            assert!(matches!(local.factors, Factors::Packs(_)));
            let b = Array2::from_shape_fn((n, 3), |(i, k)| ((i * 3) % 7) as f64 - k as f64);
            for transposed in [false, true] {
                let found = local.solve_columns(b.clone(), transposed);
                for (_, rows) in blocks.iter() {
                    let own = Factor::local(z.view(), x.view(), rows.clone())?;
                    for k in 0..3 {
                        let alone = own.solve_alone(b.slice(s![rows.clone(), k]).to_owned(), transposed);
                        assert!(close(&found.slice(s![rows.clone(), k]).to_owned(), &alone, 1e-12), "{regions} {k}");
                    }
                }
            }
        }
        // The region and the column of what is not productive, in the second pack too.
        let mut z = Array2::zeros((20, 20));
        z[[18, 19]] = 5.0;
        z[[19, 18]] = 5.0;
        let blocks = Blocks::equal(20, 2)?;
        let found = Local::new(z.view(), Array1::from_elem(20, 2.0).view(), &blocks);
        assert!(matches!(found, Err(Error::NotProductive { col: 18, .. })));
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
                let own = Factor::local(z.view(), x.view(), rows_of.clone())?;
                let alone = own.solve(b.slice(s![rows_of.clone(), ..]).to_owned())?;
                assert!(close(&rows.slice(s![rows_of, ..]).to_owned(), &alone, 1e-12));
            }
        }
        Ok(())
    }
}
