//! What an index is made of, and the index of a frame of indicators.

use ndarray::{Array2, ArrayView1, ArrayView2};

use super::normalise::{Normalisation, Scale, normalise};
use super::tree::{Mean, Tree, Work};
use crate::error::{Error, Result, expect_shape};

/// What makes an index of indicators.
#[derive(Debug, Clone)]
pub struct Design {
    /// 1 where more is more, -1 where more is less; K.
    pub directions: Vec<f64>,
    /// One for each indicator; K.
    pub normalisations: Vec<Normalisation>,
    /// Numbers that a normalisation needs, for each indicator: lower and upper goalpost, target, reference; K x 4.
    pub limits: Array2<f64>,
    /// Where min-max, goalposts and targets put their ends.
    pub bounds: [f64; 2],
    /// Levels.
    pub tree: Tree,
    /// Weight of each edge of the tree; the children of a node sum to 1.
    pub weights: Vec<f64>,
    /// One for each node of the tree.
    pub means: Vec<Mean>,
}

impl Design {
    /// Number of indicators, K.
    pub fn indicators(&self) -> usize {
        self.directions.len()
    }

    /// What the normalisation of an indicator needs.
    pub(super) fn scale(&self, col: usize) -> Scale {
        Scale {
            col,
            direction: self.directions[col],
            limits: std::array::from_fn(|k| self.limits[[col, k]]),
            bounds: self.bounds,
        }
    }

    /// Error unless all parts have the length that K and the tree ask for.
    pub fn check(&self) -> Result<()> {
        let (k, nodes) = (self.indicators(), self.tree.nodes());
        expect_shape("normalisations", &[self.normalisations.len()], &[k])?;
        expect_shape("limits", self.limits.shape(), &[k, 4])?;
        expect_shape("weights", &[self.weights.len()], &[self.tree.edges()])?;
        expect_shape("means", &[self.means.len()], &[nodes])?;
        expect_shape("leaves of the tree", &[self.tree.leaves()], &[k])
    }
}

/// An index with its parts.
pub struct Composite {
    /// Indicators after direction and normalisation, U x K; NaN where missing.
    pub normalised: Array2<f64>,
    /// Averages of all nodes, U x nodes; the last is the index.
    pub nodes: Array2<f64>,
    /// Nominal weight of what was there within each node, U x nodes: a share of one.
    pub coverage: Array2<f64>,
    /// What each indicator adds to the index, U x K; sums to the index, 0 where missing.
    pub contributions: Array2<f64>,
}

/// The index of a frame of indicators (U x K).
pub fn composite(design: &Design, values: ArrayView2<f64>) -> Result<Composite> {
    design.check()?;
    let (units, k) = (values.nrows(), design.indicators());
    expect_shape("indicators", values.shape(), &[units, k])?;
    let mut normalised = values.to_owned();
    for (col, kind) in design.normalisations.iter().enumerate() {
        normalise(*kind, &design.scale(col), normalised.column_mut(col))?;
    }
    let nodes = design.tree.nodes();
    let mut out = Composite {
        nodes: Array2::zeros((units, nodes)),
        coverage: Array2::zeros((units, nodes)),
        contributions: Array2::zeros((units, k)),
        normalised,
    };
    let mut work = Work::of(&design.tree);
    for unit in 0..units {
        let leaves = out.normalised.row(unit).to_vec();
        design
            .tree
            .average(&design.weights, &design.means, &leaves, &mut work)
            .map_err(|(col, problem)| Error::Indicator { col, row: Some(unit), problem })?;
        let shares = design.tree.contributions(&design.means, &design.weights, &work);
        let covered = design.tree.coverage(&design.weights, &leaves);
        out.nodes.row_mut(unit).assign(&ArrayView1::from(&work.values[k..]));
        out.coverage.row_mut(unit).assign(&ArrayView1::from(&covered[..]));
        out.contributions.row_mut(unit).assign(&ArrayView1::from(&shares[..]));
    }
    Ok(out)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::error::Problem;
    use ndarray::array;

    /// Two pillars: (0, 1) with weights 3 : 1, and 2 alone; pillars 0.6 and 0.4.
    pub(crate) fn design(mean: Mean) -> Design {
        Design {
            directions: vec![1.0, 1.0, -1.0],
            normalisations: vec![Normalisation::MinMax; 3],
            limits: Array2::from_elem((3, 4), f64::NAN),
            bounds: [1.0, 2.0],
            tree: Tree::new(3, vec![vec![0, 1], vec![2], vec![3, 4]]).unwrap_or_else(|e| panic!("{e}")),
            weights: vec![0.75, 0.25, 1.0, 0.6, 0.4],
            means: vec![mean; 3],
        }
    }

    #[test]
    fn three_years_by_hand() -> Result<()> {
        let values = array![[0.0, 10.0, 5.0], [1.0, 30.0, 3.0], [4.0, 20.0, 1.0]];
        let found = composite(&design(Mean::Arithmetic), values.view())?;
        assert_eq!(found.normalised, array![[1.0, 1.0, 1.0], [1.25, 2.0, 1.5], [2.0, 1.5, 2.0]]);
        // 0.75 * 1.25 + 0.25 * 2 = 1.4375; 0.6 * 1.4375 + 0.4 * 1.5 = 1.4625.
        assert!((found.nodes[[1, 0]] - 1.4375).abs() < 1e-15 && (found.nodes[[1, 2]] - 1.4625).abs() < 1e-15);
        Ok(())
    }

    #[test]
    fn contributions_add_up_for_every_mean() -> Result<()> {
        let values = array![[0.0, 10.0, 5.0], [1.0, 30.0, f64::NAN], [4.0, 20.0, 1.0], [f64::NAN, f64::NAN, 2.0]];
        for mean in [Mean::Arithmetic, Mean::Geometric, Mean::Harmonic] {
            let found = composite(&design(mean), values.view())?;
            let sums = found.contributions.sum_axis(ndarray::Axis(1));
            assert!((&sums - &found.nodes.column(2)).iter().all(|e| e.abs() < 1e-14), "{mean:?}");
            assert_eq!(found.coverage.column(2).to_vec(), vec![1.0, 0.6, 1.0, 0.4]);
        }
        Ok(())
    }

    #[test]
    fn what_can_not_be_averaged_is_named() {
        let mut zero = design(Mean::Geometric);
        zero.bounds = [0.0, 1.0];
        let values = array![[0.0, 10.0, 5.0], [1.0, 30.0, 3.0]];
        let error = composite(&zero, values.view()).err();
        assert!(matches!(error, Some(Error::Indicator { col: 0, row: Some(0), problem: Problem::NotPositive { .. } })));
        let constant = array![[0.0, 10.0, 5.0], [1.0, 10.0, 3.0]];
        let error = composite(&design(Mean::Arithmetic), constant.view()).err();
        assert!(matches!(error, Some(Error::Indicator { col: 1, problem: Problem::Constant { .. }, .. })));
    }
}
