//! The sums over the cells of a table that a round of an equilibrium needs.
//!
//! A task is a good and some importers: it sums over origins (prices), then reads the same cells again, from the cache,
//! for what each origin sells. Tasks depend on the table's size alone and write apart, so any number of threads gives the
//! same digits. No power is taken of a cell.

use std::ops::Range;

use ndarray::s;
use rayon::prelude::*;

use super::economy::Economy;
use crate::error::{Error, Result};
use crate::machine::simd;

/// Cells of a task, which are read twice: they stay in the cache.
const CELLS_PER_TASK: usize = 32_768;

/// A good and a range of importers.
pub struct Task {
    /// Sector of the good.
    pub good: usize,
    /// Who buys it.
    pub importers: Range<usize>,
}

/// All tasks of a table, fixed by its size.
pub fn task_list(regions: usize, sectors: usize) -> Vec<Task> {
    let width = (CELLS_PER_TASK / (regions * (sectors + 1))).clamp(1, regions);
    let parts = (0..regions).step_by(width).map(|start| start..(start + width).min(regions));
    (0..sectors).flat_map(|good| parts.clone().map(move |importers| Task { good, importers })).collect()
}

/// Sums over all markets of a state.
pub struct Sums {
    /// By input column: `sum gamma ln P`, or with another elasticity between inputs `sum gamma P^(1-s)`.
    pub costs: Vec<f64>,
    /// Logarithm of consumers' prices, by region.
    pub consumer: Vec<f64>,
    /// What producers receive, by row.
    pub received: Vec<f64>,
    /// Tariffs, by importer.
    pub revenue: Vec<f64>,
}

impl Sums {
    /// Of all tasks, side by side, added in their order.
    pub fn over(economy: &Economy, tasks: &[Task], state: &[f64]) -> Result<Self> {
        let powers = economy.powers(state);
        let units = unit_costs(economy, tasks, &powers, state)?;
        let parts: Vec<Result<Self>> =
            tasks.par_iter().map(|task| task.sums(economy, &powers, &units, state)).collect();
        let mut all = Self::zeros(economy.n(), economy.regions(), economy.n());
        for (task, part) in tasks.iter().zip(parts) {
            let part = part?;
            simd::add_scaled(&mut all.costs[task.columns(economy).0], 1.0, &part.costs);
            simd::add_scaled(&mut all.consumer[task.importers.clone()], 1.0, &part.consumer);
            simd::add_scaled(&mut all.revenue[task.importers.clone()], 1.0, &part.revenue);
            let rows = all.received.iter_mut().skip(task.good).step_by(economy.sectors());
            rows.zip(&part.received).for_each(|(row, part)| *row += part);
        }
        Ok(all)
    }

    fn zeros(columns: usize, importers: usize, rows: usize) -> Self {
        let [consumer, revenue] = [vec![0.0; importers], vec![0.0; importers]];
        Self { costs: vec![0.0; columns], consumer, received: vec![0.0; rows], revenue }
    }
}

/// Logarithm of the cost of a unit before productivity at the prices of a state (n), where shares of cost move with it.
///
/// Then prices of all goods must be known before any demand: another pass over the cells.
pub fn unit_costs(economy: &Economy, tasks: &[Task], powers: &[f64], state: &[f64]) -> Result<Vec<f64>> {
    let mut units = vec![0.0; economy.n()];
    if economy.between == 1.0 {
        return Ok(units);
    }
    let parts: Vec<Result<Vec<f64>>> = tasks
        .par_iter()
        .map(|task| {
            let (prices, _) = task.market(economy, powers, &units, state)?;
            Ok(task.costs(economy, &prices))
        })
        .collect();
    let mut sums = vec![0.0; economy.n()];
    for (task, part) in tasks.iter().zip(parts) {
        simd::add_scaled(&mut sums[task.columns(economy).0], 1.0, &part?);
    }
    let wages = economy.parts(state).wages;
    for row in (0..economy.n()).filter(|row| economy.output[*row] != 0.0) {
        units[row] = economy.unit_cost(row, wages[row / economy.sectors()], sums[row]);
    }
    Ok(units)
}

impl Task {
    /// Input columns and final columns of its importers.
    pub fn columns(&self, economy: &Economy) -> (Range<usize>, Range<usize>) {
        let (n, sectors) = (economy.n(), economy.sectors());
        let Range { start, end } = self.importers;
        (start * sectors..end * sectors, n + start..n + end)
    }

    /// Logarithm of prices, and spending per unit of offer (`gamma y P^theta`, over the sum at the base), of input
    /// columns and then of final columns: the first pass over the cells.
    pub fn market(
        &self,
        economy: &Economy,
        powers: &[f64],
        units: &[f64],
        state: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        let state = economy.parts(state);
        let (columns, finals) = self.columns(economy);
        let (inputs, offers) = (columns.len(), self.offers(economy, powers));
        let shared = self.shared(economy);
        let (mut prices, mut demand) = (vec![0.0; offers.len()], vec![0.0; offers.len()]);
        for (place, column) in columns.chain(finals).enumerate() {
            let spent = economy.goods[[self.good, column]];
            if spent == 0.0 {
                continue;
            }
            // Costs without bound would be no price; only where nobody sells is there no source.
            if offers[place] <= 0.0 {
                return Err(Error::NoSource { good: self.good, column });
            }
            let importer = if place < inputs { place / economy.sectors() } else { place - inputs };
            let base = shared.as_ref().map_or(spent, |shared| shared[importer]);
            prices[place] = -(offers[place] / base).ln() / economy.theta[self.good];
            let size = if place < inputs {
                state.output[column] * economy.moved(prices[place], units[column])
            } else {
                state.spending[self.importers.start + importer]
            };
            demand[place] = spent * size / offers[place];
        }
        Ok((prices, demand))
    }

    /// Where all uses of a good share their origins: spending on it at the base, by importer.
    fn shared(&self, economy: &Economy) -> Option<Vec<f64>> {
        let goods = economy.goods.row(self.good);
        let spent = |importer| goods.slice(s![economy.rows(importer)]).sum() + goods[economy.n() + importer];
        economy.inputs.is_none().then(|| self.importers.clone().map(spent).collect())
    }

    /// What origins offer to each column at the base's cells: `sum_i cell_i kappa_i^-theta k_i`.
    fn offers(&self, economy: &Economy, powers: &[f64]) -> Vec<f64> {
        let (columns, _) = self.columns(economy);
        let mut offers = vec![0.0; columns.len() + self.importers.len()];
        let (inputs, finals) = offers.split_at_mut(columns.len());
        for origin in 0..economy.regions() {
            let row = origin * economy.sectors() + self.good;
            let weights = self.weights(economy, row, powers[row]);
            if let Some(cells) = economy.inputs {
                simd::add_blocks(inputs, &weights, side_by_side(&cells.slice(s![row, columns.clone()])));
            }
            let cells = economy.finals.slice(s![row, self.importers.clone()]);
            finals.iter_mut().zip(&weights).zip(cells).for_each(|((sum, weight), cell)| *sum += weight * cell);
        }
        if economy.inputs.is_none() {
            inputs.chunks_mut(economy.sectors()).zip(finals).for_each(|(uses, shared)| uses.fill(*shared));
        }
        offers
    }

    /// `(1 + initial tariff) kappa^-theta k` of a row, by importer.
    fn weights(&self, economy: &Economy, row: usize, power: f64) -> Vec<f64> {
        economy.weights.slice(s![row, self.importers.clone()]).iter().map(|weight| weight * power).collect()
    }

    /// What the good adds to the cost of each column of the importers.
    fn costs(&self, economy: &Economy, prices: &[f64]) -> Vec<f64> {
        let cost = |(column, price): (usize, &f64)| {
            if economy.output[column] == 0.0 {
                return 0.0;
            }
            let share = economy.goods[[self.good, column]] / economy.output[column];
            share * if economy.between == 1.0 { *price } else { ((1.0 - economy.between) * price).exp() }
        };
        self.columns(economy).0.zip(prices).map(cost).collect()
    }

    fn sums(&self, economy: &Economy, powers: &[f64], units: &[f64], state: &[f64]) -> Result<Sums> {
        let (prices, demand) = self.market(economy, powers, units, state)?;
        let (columns, finals) = self.columns(economy);
        let mut sums = Sums::zeros(0, self.importers.len(), economy.regions());
        sums.costs = self.costs(economy, &prices);
        for ((sum, column), price) in sums.consumer.iter_mut().zip(finals).zip(&prices[columns.len()..]) {
            *sum = economy.goods[[self.good, column]] / economy.goods.column(column).sum() * price;
        }
        self.sell(economy, powers, &demand, &mut sums);
        Ok(sums)
    }

    /// Receipts and revenue: the second pass over the cells.
    fn sell(&self, economy: &Economy, powers: &[f64], demand: &[f64], sums: &mut Sums) {
        let (columns, _) = self.columns(economy);
        let (inputs, finals) = demand.split_at(columns.len());
        // Where all uses share their origins, so do their demands.
        let shared: Vec<f64> =
            inputs.chunks(economy.sectors()).zip(finals).map(|(uses, last)| uses.iter().sum::<f64>() + last).collect();
        let mut sold = vec![0.0; self.importers.len()];
        for origin in 0..economy.regions() {
            let row = origin * economy.sectors() + self.good;
            let weights = self.weights(economy, row, powers[row]);
            if let Some(cells) = economy.inputs {
                simd::dot_blocks(&mut sold, side_by_side(&cells.slice(s![row, columns.clone()])), inputs);
            }
            let last = if economy.inputs.is_some() { finals } else { &shared };
            for (place, importer) in self.importers.clone().enumerate() {
                let spent = weights[place] * (sold[place] + economy.finals[[row, importer]] * last[place]);
                let kept = spent * economy.net[[row, importer]];
                sums.received[origin] += kept;
                sums.revenue[place] += spent - kept;
            }
        }
    }
}

/// Part of a row of a row-major matrix.
fn side_by_side<'a>(row: &'a ndarray::ArrayView1<'_, f64>) -> &'a [f64] {
    row.as_slice().unwrap_or_else(|| unreachable!("the binding hands over row-major inputs"))
}
