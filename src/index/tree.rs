//! Nested levels: leaves are indicators, nodes are averages of leaves and earlier nodes, the last node is the index.

use crate::error::{Error, Problem, Result};
use crate::options::Named;

/// Weighted mean of one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mean {
    /// `sum w x`: a low value is made up for by a high one.
    Arithmetic,
    /// `exp(sum w ln x)`.
    Geometric,
    /// `1 / sum (w / x)`.
    Harmonic,
}

impl Named for Mean {
    const OPTION: &'static str = "mean";
    const NAMES: &'static [(&'static str, Self)] =
        &[("arithmetic", Self::Arithmetic), ("geometric", Self::Geometric), ("harmonic", Self::Harmonic)];
}

/// Children of each node: numbers below the count of leaves are leaves, above it earlier nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    leaves: usize,
    children: Vec<Vec<usize>>,
    edges: usize,
}

/// Values of leaves and nodes, reused from unit to unit.
pub(super) struct Work {
    /// Leaves, then nodes; NaN where nothing was there.
    pub values: Vec<f64>,
}

impl Work {
    pub fn of(tree: &Tree) -> Self {
        Self { values: vec![f64::NAN; tree.leaves + tree.nodes()] }
    }
}

impl Tree {
    /// Children must come before their node, and each leaf and node but the last has one parent.
    pub fn new(leaves: usize, children: Vec<Vec<usize>>) -> Result<Self> {
        let mut parents = vec![0_usize; leaves + children.len()];
        let ordered = children.iter().enumerate().all(|(node, below)| below.iter().all(|c| *c < leaves + node));
        if ordered {
            children.iter().flatten().for_each(|c| parents[*c] += 1);
        }
        let single = parents.split_last().is_some_and(|(root, rest)| *root == 0 && rest.iter().all(|p| *p == 1));
        if !ordered || !single || leaves == 0 {
            return Err(Error::Shape {
                what: "tree",
                expected: "children before their node, each with one parent".to_owned(),
                got: format!("{leaves} leaves and {children:?}"),
            });
        }
        let edges = children.iter().map(Vec::len).sum();
        Ok(Self { leaves, children, edges })
    }

    /// Number of indicators.
    pub fn leaves(&self) -> usize {
        self.leaves
    }

    /// Number of averages.
    pub fn nodes(&self) -> usize {
        self.children.len()
    }

    /// Number of weights.
    pub fn edges(&self) -> usize {
        self.edges
    }

    /// Nodes with their children and the place of their weights.
    pub(super) fn walk(&self) -> impl Iterator<Item = (usize, &[usize], std::ops::Range<usize>)> {
        let mut start = 0;
        self.children.iter().enumerate().map(move |(node, below)| {
            let place = start..start + below.len();
            start = place.end;
            (node, below.as_slice(), place)
        })
    }

    /// Averages of all nodes into `work`; the error names the child that can't be averaged.
    pub(super) fn average(
        &self,
        weights: &[f64],
        means: &[Mean],
        leaves: &[f64],
        work: &mut Work,
    ) -> std::result::Result<(), (usize, Problem)> {
        work.values[..self.leaves].copy_from_slice(leaves);
        for (node, below, place) in self.walk() {
            work.values[self.leaves + node] = mean(means[node], &weights[place], below, &work.values)?;
        }
        Ok(())
    }

    /// Nominal weight of the leaves that are there, for each node.
    pub(super) fn coverage(&self, weights: &[f64], leaves: &[f64]) -> Vec<f64> {
        let mut covered: Vec<f64> = leaves.iter().map(|e| f64::from(!e.is_nan())).collect();
        for (_, below, place) in self.walk() {
            let share = weights[place].iter().zip(below).map(|(w, c)| w * covered[*c]).sum();
            covered.push(share);
        }
        covered.split_off(self.leaves)
    }

    /// What each leaf adds to the last node.
    ///
    /// Every mean is a sum of its values with weights that depend on them: `w` itself for the arithmetic mean, in
    /// proportion to `w / L(x, mean)` with the logarithmic mean L for the geometric one (Reinsdorf, Diewert and Ehemann
    /// 2002), to `w / x` for the harmonic one. So contributions add up at each level.
    pub(super) fn contributions(&self, means: &[Mean], weights: &[f64], work: &Work) -> Vec<f64> {
        let mut shares = vec![0.0; work.values.len()];
        let root = shares.len() - 1;
        shares[root] = 1.0;
        let places: Vec<_> = self.walk().map(|(_, _, place)| place).collect();
        for node in (0..self.nodes()).rev() {
            let (below, above) = (&self.children[node], shares[self.leaves + node]);
            let whole = work.values[self.leaves + node];
            let parts: Vec<f64> = below
                .iter()
                .zip(&weights[places[node].clone()])
                .map(|(c, w)| linear_weight(means[node], *w, work.values[*c], whole))
                .collect();
            let total: f64 = parts.iter().sum();
            for (c, part) in below.iter().zip(parts) {
                shares[*c] = if total == 0.0 { 0.0 } else { above * part / total };
            }
        }
        shares.truncate(self.leaves);
        for (share, value) in shares.iter_mut().zip(&work.values) {
            *share = if value.is_nan() { 0.0 } else { *share * value };
        }
        shares
    }
}

fn linear_weight(kind: Mean, weight: f64, x: f64, mean: f64) -> f64 {
    if x.is_nan() {
        return 0.0;
    }
    match kind {
        Mean::Arithmetic => weight,
        Mean::Harmonic => weight / x,
        Mean::Geometric => {
            let ratio = x / mean;
            // L(x, m) = m (r - 1) / ln r; its series near r = 1 avoids 0 / 0.
            let d = ratio - 1.0;
            let log_mean = if d.abs() < 1e-5 { 1.0 + d / 2.0 - d * d / 12.0 } else { d / ratio.ln() };
            weight / (mean * log_mean)
        }
    }
}

/// Weighted mean of the children that are there, weights scaled up to them; NaN where there is none.
fn mean(kind: Mean, weights: &[f64], below: &[usize], values: &[f64]) -> std::result::Result<f64, (usize, Problem)> {
    let (mut total, mut sum) = (0.0, 0.0);
    for (child, weight) in below.iter().zip(weights) {
        let x = values[*child];
        if x.is_nan() || *weight == 0.0 {
            continue;
        }
        if kind != Mean::Arithmetic && x <= 0.0 {
            return Err((*child, Problem::NotPositive { mean: kind.name(), value: x }));
        }
        total += weight;
        sum += weight
            * match kind {
                Mean::Arithmetic => x,
                Mean::Geometric => x.ln(),
                Mean::Harmonic => 1.0 / x,
            };
    }
    if total == 0.0 {
        return Ok(f64::NAN);
    }
    Ok(match kind {
        Mean::Arithmetic => sum / total,
        Mean::Geometric => (sum / total).exp(),
        Mean::Harmonic => total / sum,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_needs_one_root_and_one_parent_each() {
        assert!(Tree::new(2, vec![vec![0, 1]]).is_ok());
        for children in
            [vec![vec![0]], vec![vec![0, 1, 1]], vec![vec![0, 3], vec![1, 2]], vec![], vec![vec![0], vec![1]]]
        {
            assert!(Tree::new(2, children).is_err());
        }
    }

    #[test]
    fn means_by_hand() {
        let values = [1.0, 4.0, f64::NAN];
        let of = |kind| mean(kind, &[0.25, 0.25, 0.5], &[0, 1, 2], &values);
        assert_eq!(of(Mean::Arithmetic), Ok(2.5));
        assert!(of(Mean::Geometric).is_ok_and(|m| (m - 2.0).abs() < 1e-15));
        assert_eq!(of(Mean::Harmonic), Ok(1.6));
    }
}
