//! General equilibrium in changes (Caliendo and Parro 2015), with the shares of each using sector and of final use
//! (Antras and Chor 2018), so that the base is the table itself; or with one set of origins for all uses of a good in a
//! country, as Caliendo and Parro have it.
//!
//! Hats, ratios to the base. With `w` wages, `c` costs, `y` receipts and `e` final spending, `k = c^-theta`:
//! - prices of a good in a market: `P^-theta = sum_i pi_i kappa_i^-theta k_i`;
//! - costs: `c = w^beta prod P^gamma / T`, or with a constant elasticity s between labour and goods
//!   `(c T)^(1-s) = beta w^(1-s) + sum gamma P^(1-s)`;
//! - receipts: what markets spend on a good, by origin, less tariffs; revenue: the tariffs;
//! - final spending: `w L + revenue + deficit`; wages move until what is paid is what labour earns.
//!
//! All are solved at once: a round takes each from the last, and rounds are mixed (`anderson`). A task is a good and some
//! importers: it sums over origins (prices), then reads the same cells again, from the cache, for demand. Tasks depend on
//! the table alone, and write apart, so any number of threads gives the same digits. No power is taken of a cell.

use std::ops::Range;

use ndarray::{Array2, ArrayView1, ArrayView2, s};
use rayon::prelude::*;

use super::anderson::Anderson;
use crate::error::{Error, Market, Result};
use crate::interrupt;
use crate::simd;
use crate::table::{Dims, expect_shape};

/// How much of the gap between wages paid and labour's income a round closes.
const DAMPING: f64 = 0.3;
/// Cells of a task, which are read twice: they stay in the cache.
const CELLS_PER_TASK: usize = 32_768;
/// Final spending that is not positive is held here (a ratio to the base) until incomes have recovered.
const LEAST_SPENDING: f64 = 1e-9;

/// An economy and what happens to it. All arrays are row-major.
#[derive(Clone, Copy)]
pub struct Economy<'a> {
    /// G and N.
    pub dims: Dims,
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

/// An equilibrium: logarithms of wages (G) and costs (n), ratios of output (n) and of final spending (G).
pub struct Equilibrium {
    /// The four one after another.
    pub state: Vec<f64>,
    /// Logarithm of consumers' prices (G).
    pub consumer: Vec<f64>,
    /// Tariff revenue (G).
    pub revenue: Vec<f64>,
    /// Rounds that were made.
    pub rounds: usize,
    /// Largest change in the last of them, relative.
    pub gap: f64,
}

/// What one round finds.
struct Round {
    image: Vec<f64>,
    consumer: Vec<f64>,
    revenue: Vec<f64>,
    gap: f64,
    widest: usize,
}

/// What a task finds: sums over its good, of its importers.
struct Part {
    /// Contribution to the cost of each input column.
    costs: Vec<f64>,
    /// Contribution to the logarithm of each importer's consumer prices.
    consumer: Vec<f64>,
    /// What each origin receives.
    received: Vec<f64>,
    /// Tariffs of each importer.
    revenue: Vec<f64>,
}

impl Economy<'_> {
    /// Check shapes.
    pub fn check(&self) -> Result<()> {
        let (n, regions, sectors) = (self.dims.n(), self.dims.regions, self.dims.sectors);
        if let Some(inputs) = self.inputs {
            expect_shape("inputs", inputs.shape(), &[n, n])?;
        }
        for (what, array) in [("finals", self.finals), ("weights", self.weights), ("net", self.net)] {
            expect_shape(what, array.shape(), &[n, regions])?;
        }
        expect_shape("goods", self.goods.shape(), &[sectors, n + regions])?;
        for (what, array) in [("labour", self.labour), ("output", self.output), ("productivity", self.productivity)] {
            expect_shape(what, array.shape(), &[n])?;
        }
        expect_shape("deficit", self.deficit.shape(), &[regions])?;
        expect_shape("theta", self.theta.shape(), &[sectors])
    }

    /// Solve, from the base, until no market's gap is above `tolerance`. `report` hears of each round and its gap.
    pub fn solve(&self, tolerance: f64, most_rounds: usize, report: &dyn Fn(usize, f64)) -> Result<Equilibrium> {
        self.check()?;
        let mut state = self.base();
        let mut anderson = Anderson::default();
        let mut last = (f64::INFINITY, 0);
        for rounds in 1..=most_rounds {
            interrupt::check()?;
            let round = self.round(&state)?;
            report(rounds, round.gap);
            last = (round.gap, round.widest);
            if round.gap <= tolerance {
                self.check_spending(&round)?;
                let Round { image: state, consumer, revenue, gap, .. } = round;
                return Ok(Equilibrium { state, consumer, revenue, rounds, gap });
            }
            let next = anderson.next(&state, round.image);
            state = self.possible(next);
        }
        Err(Error::NoEquilibrium { rounds: most_rounds, gap: last.0, market: self.market(last.1) })
    }

    /// Inputs and final use of an equilibrium, as producers receive them: (n, n) and (n, G).
    pub fn flows(&self, state: &[f64]) -> Result<(Array2<f64>, Array2<f64>)> {
        self.check()?;
        expect_shape("state", &[state.len()], &[2 * (self.dims.n() + self.dims.regions)])?;
        let (n, regions) = (self.dims.n(), self.dims.regions);
        let powers = self.powers(state);
        let mut demand = Array2::<f64>::zeros((self.dims.sectors, n + regions));
        for (good, importers) in self.tasks() {
            let (_, demanded) = self.market_of(good, &importers, &powers, state)?;
            let (columns, finals) = self.columns(&importers);
            demand.slice_mut(s![good, columns.clone()]).assign(&ArrayView1::from(&demanded[..columns.len()]));
            demand.slice_mut(s![good, finals]).assign(&ArrayView1::from(&demanded[columns.len()..]));
        }
        let (mut inputs, mut finals) = (Array2::zeros((n, n)), Array2::zeros((n, regions)));
        let rows = inputs.outer_iter_mut().into_par_iter().zip(finals.outer_iter_mut()).enumerate();
        rows.for_each(|(row, (mut inputs, mut finals))| {
            let demand = demand.row(row % self.dims.sectors);
            for importer in 0..regions {
                let factor = self.weights[[row, importer]] * self.net[[row, importer]] * powers[row];
                for column in self.dims.block(importer) {
                    let cell = self.inputs.map_or(self.finals[[row, importer]], |inputs| inputs[[row, column]]);
                    inputs[column] = factor * cell * demand[column];
                }
                finals[importer] = factor * self.finals[[row, importer]] * demand[n + importer];
            }
        });
        Ok((inputs, finals))
    }

    /// Nothing has changed yet, but that more productive sectors are cheaper.
    fn base(&self) -> Vec<f64> {
        let made = |on: bool| f64::from(u8::from(on));
        let wages = vec![0.0; self.dims.regions];
        let costs = self.productivity.iter().zip(self.output).map(|(t, x)| if *x == 0.0 { 0.0 } else { -t.ln() });
        let output = self.output.iter().map(|x| made(*x != 0.0));
        wages.into_iter().chain(costs).chain(output).chain((0..self.dims.regions).map(|_| 1.0)).collect()
    }

    /// The parts of a state: wages, costs, output, final spending.
    fn parts<'s>(&self, state: &'s [f64]) -> [&'s [f64]; 4] {
        let (n, regions) = (self.dims.n(), self.dims.regions);
        let (wages, rest) = state.split_at(regions);
        let (costs, rest) = rest.split_at(n);
        let (output, spending) = rest.split_at(n);
        [wages, costs, output, spending]
    }

    /// Quantities that mixing made negative are 0, or the least spending.
    fn possible(&self, mut state: Vec<f64>) -> Vec<f64> {
        let (n, regions) = (self.dims.n(), self.dims.regions);
        state[regions + n..regions + 2 * n].iter_mut().for_each(|y| *y = y.max(0.0));
        state[regions + 2 * n..].iter_mut().for_each(|e| *e = e.max(LEAST_SPENDING));
        state
    }

    /// A good and a range of importers each: fixed by the table's size.
    fn tasks(&self) -> Vec<(usize, Range<usize>)> {
        let Dims { regions, sectors } = self.dims;
        let width = (CELLS_PER_TASK / (regions * (sectors + 1))).clamp(1, regions);
        let starts = (0..regions).step_by(width);
        (0..sectors)
            .flat_map(|good| starts.clone().map(move |start| (good, start..(start + width).min(regions))))
            .collect()
    }

    /// Input columns and final columns of some importers.
    fn columns(&self, importers: &Range<usize>) -> (Range<usize>, Range<usize>) {
        let (n, sectors) = (self.dims.n(), self.dims.sectors);
        (importers.start * sectors..importers.end * sectors, n + importers.start..n + importers.end)
    }

    /// `c^-theta` by row.
    fn powers(&self, state: &[f64]) -> Vec<f64> {
        let [_, costs, ..] = self.parts(state);
        let sectors = self.dims.sectors;
        costs.iter().enumerate().map(|(row, cost)| (-self.theta[row % sectors] * cost).exp()).collect()
    }

    /// One round: the image of a state, and how far apart the two are.
    fn round(&self, state: &[f64]) -> Result<Round> {
        let (n, regions) = (self.dims.n(), self.dims.regions);
        let powers = self.powers(state);
        let tasks = self.tasks();
        let parts: Vec<Result<Part>> =
            tasks.par_iter().map(|(good, importers)| self.task(*good, importers, &powers, state)).collect();
        let (mut costs, mut received) = (vec![0.0; n], vec![0.0; n]);
        let (mut consumer, mut revenue) = (vec![0.0; regions], vec![0.0; regions]);
        for ((good, importers), part) in tasks.iter().zip(parts) {
            let part = part?;
            let (columns, _) = self.columns(importers);
            add(&mut costs[columns], &part.costs);
            add(&mut consumer[importers.clone()], &part.consumer);
            add(&mut revenue[importers.clone()], &part.revenue);
            let rows = received.iter_mut().skip(*good).step_by(self.dims.sectors);
            rows.zip(&part.received).for_each(|(row, part)| *row += part);
        }
        let image = self.image(state, &costs, &received, &revenue);
        let (gap, widest) = self.gap(state, &image);
        Ok(Round { image, consumer, revenue, gap, widest })
    }

    /// The four parts of a state, of the sums that a round made.
    fn image(&self, state: &[f64], costs: &[f64], received: &[f64], revenue: &[f64]) -> Vec<f64> {
        let Dims { regions, sectors } = self.dims;
        let [wages, costs_before, ..] = self.parts(state);
        let mut image = vec![0.0; state.len()];
        let (new_wages, rest) = image.split_at_mut(regions);
        let (new_costs, rest) = rest.split_at_mut(self.dims.n());
        let (output, spending) = rest.split_at_mut(self.dims.n());
        let (mut paid, mut income) = (vec![0.0; regions], vec![0.0; regions]);
        for row in (0..self.dims.n()).filter(|row| self.output[*row] != 0.0) {
            let (region, made) = (row / sectors, self.productivity[row].ln());
            let share = self.labour[row] / self.output[row];
            new_costs[row] = self.unit_cost(share, wages[region], costs[row]) - made;
            output[row] = received[row] / self.output[row];
            paid[region] += self.labour[row] * output[row] * self.moved(wages[region], costs_before[row] + made);
            income[region] += self.labour[row] * wages[region].exp();
        }
        let (mut world, mut scaled) = (0.0, 0.0);
        for region in 0..regions {
            let base: f64 = self.labour.slice(s![self.dims.block(region)]).sum();
            let final_base: f64 = self.goods.column(self.dims.n() + region).sum();
            if base > 0.0 {
                new_wages[region] = wages[region] + DAMPING * (paid[region] / income[region]).max(1e-3).ln();
                world += base;
                scaled += base * new_wages[region].exp();
            }
            let earned = income[region] + revenue[region] + self.deficit[region];
            spending[region] = (earned / final_base).max(LEAST_SPENDING);
        }
        // The numeraire: income of all labour in the world.
        let scale = (world / scaled).ln();
        (0..regions).for_each(|region| {
            let earns = self.labour.slice(s![self.dims.block(region)]).sum() > 0.0;
            new_wages[region] += if earns { scale } else { 0.0 };
        });
        image
    }

    /// Logarithm of the cost of a unit before productivity, of the sum over goods.
    fn unit_cost(&self, share: f64, wage: f64, goods: f64) -> f64 {
        if self.between == 1.0 {
            return share * wage + goods;
        }
        let power = 1.0 - self.between;
        (share * (power * wage).exp() + goods).ln() / power
    }

    /// How a share of cost moves with the price of what it buys: not at all where shares are constant.
    fn moved(&self, price: f64, cost: f64) -> f64 {
        if self.between == 1.0 { 1.0 } else { ((1.0 - self.between) * (price - cost)).exp() }
    }

    /// Largest change between a state and its image, and where it stands.
    fn gap(&self, state: &[f64], image: &[f64]) -> (f64, usize) {
        let quantities = self.dims.regions + self.dims.n();
        let (mut gap, mut widest) = (0.0, 0);
        for (place, (old, new)) in state.iter().zip(image).enumerate() {
            let change = (new - old).abs();
            let found = match place {
                place if place < self.dims.regions => change / DAMPING,
                place if place < quantities => change,
                _ => change / old.max(1.0),
            };
            // NaN counts as the largest.
            if !(found <= gap) {
                (gap, widest) = (found, place);
            }
        }
        (gap, widest)
    }

    /// The market that a place of the state belongs to.
    fn market(&self, place: usize) -> Market {
        let (n, regions) = (self.dims.n(), self.dims.regions);
        match place {
            place if place < regions => Market::Labour(place),
            place if place < regions + n => Market::Cost(place - regions),
            place if place < regions + 2 * n => Market::Goods(place - regions - n),
            place => Market::Spending(place - regions - 2 * n),
        }
    }

    fn check_spending(&self, round: &Round) -> Result<()> {
        let [.., spending] = self.parts(&round.image);
        let poor = spending.iter().position(|e| *e <= LEAST_SPENDING);
        poor.map_or(Ok(()), |region| Err(Error::NoIncome { region }))
    }

    /// Prices of a good for some importers, and what they spend on each unit of what origins offer.
    fn task(&self, good: usize, importers: &Range<usize>, powers: &[f64], state: &[f64]) -> Result<Part> {
        let (prices, demand) = self.market_of(good, importers, powers, state)?;
        let (columns, finals) = self.columns(importers);
        let part = |column: usize| column - columns.start;
        let mut costs = vec![0.0; columns.len()];
        for column in columns.clone().filter(|column| self.output[*column] != 0.0) {
            let (share, price) = (self.goods[[good, column]] / self.output[column], prices[part(column)]);
            costs[part(column)] =
                share * if self.between == 1.0 { price } else { ((1.0 - self.between) * price).exp() };
        }
        let consumer = finals.clone().zip(&prices[columns.len()..]).map(|(column, price)| {
            let all: f64 = self.goods.column(column).sum();
            self.goods[[good, column]] / all * price
        });
        let mut found = Part {
            costs,
            consumer: consumer.collect(),
            received: vec![0.0; self.dims.regions],
            revenue: vec![0.0; importers.len()],
        };
        self.sell(good, importers, powers, &demand, &mut found);
        Ok(found)
    }

    /// Receipts and revenue: the second pass over the cells.
    fn sell(&self, good: usize, importers: &Range<usize>, powers: &[f64], demand: &[f64], part: &mut Part) {
        let sectors = self.dims.sectors;
        let inputs = importers.len() * sectors;
        // Where all uses share their origins, so do their demands.
        let pooled: Vec<f64> = (0..importers.len())
            .map(|i| demand[i * sectors..(i + 1) * sectors].iter().sum::<f64>() + demand[inputs + i])
            .collect();
        for origin in 0..self.dims.regions {
            let row = origin * sectors + good;
            for (i, importer) in importers.clone().enumerate() {
                let weight = self.weights[[row, importer]] * powers[row];
                if weight == 0.0 {
                    continue;
                }
                let last = self.finals[[row, importer]];
                let spent = weight
                    * match self.inputs {
                        Some(cells) => {
                            let cells = cells.slice(s![row, self.dims.block(importer)]);
                            simd::product(cells, ArrayView1::from(&demand[i * sectors..(i + 1) * sectors]))
                                + last * demand[inputs + i]
                        }
                        None => last * pooled[i],
                    };
                let kept = spent * self.net[[row, importer]];
                part.received[origin] += kept;
                part.revenue[i] += spent - kept;
            }
        }
    }

    /// Logarithm of prices, and spending per unit of offer (`gamma y P^theta`, over the sum at the base), of input
    /// columns and then of final columns: the first pass over the cells.
    fn market_of(
        &self,
        good: usize,
        importers: &Range<usize>,
        powers: &[f64],
        state: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        let sectors = self.dims.sectors;
        let [_, costs, output, spending] = self.parts(state);
        let (columns, finals) = self.columns(importers);
        let offers = self.offers(good, importers, powers);
        let mut prices = vec![0.0; offers.len()];
        let mut demand = vec![0.0; offers.len()];
        for (place, column) in columns.clone().chain(finals).enumerate() {
            let spent = self.goods[[good, column]];
            if spent == 0.0 {
                continue;
            }
            let importer = if place < columns.len() { place / sectors } else { place - columns.len() };
            let base = if self.inputs.is_some() { spent } else { self.pooled(good, importers.start + importer) };
            if offers[place] <= 0.0 {
                return Err(Error::NoSource { good, region: importers.start + importer });
            }
            prices[place] = -(offers[place] / base).ln() / self.theta[good];
            let size = if place >= columns.len() {
                spending[importers.start + importer]
            } else {
                output[column] * self.moved(prices[place], costs[column] + self.productivity[column].ln())
            };
            demand[place] = spent * size / offers[place];
        }
        Ok((prices, demand))
    }

    /// Sums over origins of what is offered to each column, at the base's cells.
    fn offers(&self, good: usize, importers: &Range<usize>, powers: &[f64]) -> Vec<f64> {
        let sectors = self.dims.sectors;
        let inputs = importers.len() * sectors;
        let mut offers = vec![0.0; inputs + importers.len()];
        for origin in 0..self.dims.regions {
            let row = origin * sectors + good;
            for (i, importer) in importers.clone().enumerate() {
                let weight = self.weights[[row, importer]] * powers[row];
                if weight == 0.0 {
                    continue;
                }
                if let Some(cells) = self.inputs {
                    let cells = cells.slice(s![row, self.dims.block(importer)]);
                    let target = &mut offers[i * sectors..(i + 1) * sectors];
                    simd::accumulate(target.into(), weight, cells);
                }
                offers[inputs + i] += weight * self.finals[[row, importer]];
            }
        }
        if self.inputs.is_none() {
            let (uses, shared) = offers.split_at_mut(inputs);
            uses.chunks_mut(sectors).zip(shared).for_each(|(uses, shared)| uses.fill(*shared));
        }
        offers
    }

    /// Spending of an importer on a good, all uses.
    fn pooled(&self, good: usize, importer: usize) -> f64 {
        let goods = self.goods.row(good);
        goods.slice(s![self.dims.block(importer)]).sum() + goods[self.dims.n() + importer]
    }
}

fn add(target: &mut [f64], part: &[f64]) {
    target.iter_mut().zip(part).for_each(|(t, p)| *t += p);
}
