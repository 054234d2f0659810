//! An economy and its shock as the equilibrium and its markets see them, and the parts of a state.

use std::ops::Range;

use ndarray::{ArrayView1, ArrayView2};

use crate::error::{Result, expect_shape};

/// An economy and what happens to it; matrices are row-major. G regions of N sectors, n = G N rows.
pub struct Economy<'a> {
    /// Cells of inputs by using sector (n, n); without them `finals` has all uses of an importer in one column.
    pub inputs: Option<ArrayView2<'a, f64>>,
    /// Cells of final use (n, G), or of all uses.
    pub finals: ArrayView2<'a, f64>,
    /// `(1 + initial tariff) kappa^-theta` by row and importer (n, G); 0 where nothing is sold any more.
    pub weights: ArrayView2<'a, f64>,
    /// `1 / (1 + tariff)` by row and importer (n, G).
    pub net: ArrayView2<'a, f64>,
    /// Spending on each good by input column and final column (N, n + G), tariffs included.
    pub goods: ArrayView2<'a, f64>,
    /// Income of labour by row (n).
    pub labour: ArrayView1<'a, f64>,
    /// Output (n).
    pub output: ArrayView1<'a, f64>,
    /// Productivity (n).
    pub productivity: ArrayView1<'a, f64>,
    /// Spending beyond income by region (G).
    pub deficit: ArrayView1<'a, f64>,
    /// Trade elasticity by good (N).
    pub theta: ArrayView1<'a, f64>,
    /// Elasticity of substitution between labour and goods.
    pub between: f64,
}

/// The parts of a state, or of its image.
pub struct Parts<'s> {
    /// Logarithms of wages.
    pub wages: &'s [f64],
    /// Logarithms of costs.
    pub costs: &'s [f64],
    /// Ratios of output.
    pub output: &'s [f64],
    /// Ratios of final spending.
    pub spending: &'s [f64],
}

impl Economy<'_> {
    /// G.
    pub fn regions(&self) -> usize {
        self.finals.ncols()
    }

    /// N.
    pub fn sectors(&self) -> usize {
        self.theta.len()
    }

    /// n.
    pub fn n(&self) -> usize {
        self.finals.nrows()
    }

    /// Rows, or input columns, of a region.
    pub fn rows(&self, region: usize) -> Range<usize> {
        region * self.sectors()..(region + 1) * self.sectors()
    }

    /// Check shapes.
    pub fn check(&self) -> Result<()> {
        let (n, regions, sectors) = (self.n(), self.regions(), self.sectors());
        expect_shape("finals", self.finals.shape(), &[regions * sectors, regions])?;
        if let Some(inputs) = self.inputs {
            expect_shape("inputs", inputs.shape(), &[n, n])?;
        }
        expect_shape("weights", self.weights.shape(), &[n, regions])?;
        expect_shape("net", self.net.shape(), &[n, regions])?;
        expect_shape("goods", self.goods.shape(), &[sectors, n + regions])?;
        for (what, array) in [("labour", self.labour), ("output", self.output), ("productivity", self.productivity)] {
            expect_shape(what, array.shape(), &[n])?;
        }
        expect_shape("deficit", self.deficit.shape(), &[regions])
    }

    /// The four parts of a state.
    pub fn parts<'s>(&self, state: &'s [f64]) -> Parts<'s> {
        let (wages, rest) = state.split_at(self.regions());
        let (costs, rest) = rest.split_at(self.n());
        let (output, spending) = rest.split_at(self.n());
        Parts { wages, costs, output, spending }
    }

    /// How a share of cost moves with the price of what it buys, logarithms: not at all where shares are constant.
    pub fn moved(&self, price: f64, unit_cost: f64) -> f64 {
        if self.between == 1.0 { 1.0 } else { ((1.0 - self.between) * (price - unit_cost)).exp() }
    }

    /// Logarithm of the cost of a unit before productivity, of the wage and the sum over goods.
    pub fn unit_cost(&self, row: usize, wage: f64, goods: f64) -> f64 {
        let share = self.labour[row] / self.output[row];
        if self.between == 1.0 {
            return share * wage + goods;
        }
        let power = 1.0 - self.between;
        (share * (power * wage).exp() + goods).ln() / power
    }

    /// `c^-theta` by row.
    pub fn powers(&self, state: &[f64]) -> Vec<f64> {
        let costs = self.parts(state).costs.iter().enumerate();
        costs.map(|(row, cost)| (-self.theta[row % self.sectors()] * cost).exp()).collect()
    }
}
