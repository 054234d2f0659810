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
//! All are solved at once: a round takes each from the last, and rounds are mixed (`anderson`). The sums over cells are in
//! `markets`.

use ndarray::{Array2, ArrayView1, Axis, s};
use rayon::prelude::*;

use super::economy::Economy;
use super::markets::{Sums, task_list, unit_costs};
use crate::error::{Error, Market, Result, expect_shape};
use crate::machine::anderson::Anderson;
use crate::machine::{interrupt, memory};

/// How much of the gap between wages paid and labour's income a round closes, at most.
const DAMPING: f64 = 0.3;
/// The same times the mean trade elasticity: trade follows wages with it, and too fast a wage would swing.
const DAMPING_BY_ELASTICITY: f64 = 1.2;
/// Rounds without a smaller gap before a new start with smaller steps.
const PATIENCE: usize = 150;
/// Final spending that is not positive is held here (a ratio to the base) until incomes have recovered.
const LEAST_SPENDING: f64 = 1e-9;
/// Wages paid are held above this share of labour's income while markets are far from clearing.
const LEAST_PAID: f64 = 1e-3;

/// An equilibrium.
pub struct Equilibrium {
    /// Logarithms of wages (G) and costs (n), ratios of output (n) and of final spending (G), one after another.
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

/// Where a solution has got to.
struct Path {
    state: Vec<f64>,
    /// How much of the gap between wages paid and labour's income a round closes.
    step: f64,
    anderson: Anderson,
    best: f64,
    since: usize,
}

impl Path {
    fn new(state: Vec<f64>, step: f64) -> Self {
        Self { state, step, anderson: Anderson::default(), best: f64::INFINITY, since: 0 }
    }

    /// Whether the gap hasn't shrunk for long, or is no number.
    fn leads_nowhere(&mut self, gap: f64) -> bool {
        if gap < self.best {
            (self.best, self.since) = (gap, 0);
        } else {
            self.since += 1;
        }
        self.since > PATIENCE || gap.is_nan()
    }
}

impl Economy<'_> {
    /// Solve, from the base, until nothing moves by more than `tolerance`. `report` hears of each round and its gap. Where
    /// rounds lead nowhere, it begins again with smaller steps.
    pub fn solve(&self, tolerance: f64, most_rounds: usize, report: &dyn Fn(usize, f64)) -> Result<Equilibrium> {
        self.check()?;
        let tasks = task_list(self.regions(), self.sectors());
        let mut path = Path::new(self.base(), self.first_step());
        let (mut gap, mut widest) = (f64::INFINITY, 0);
        for rounds in 1..=most_rounds {
            interrupt::check()?;
            let sums = Sums::over(self, &tasks, &path.state)?;
            let image = self.image(&path, &sums);
            (gap, widest) = self.gap(&path, &image);
            report(rounds, gap);
            if gap <= tolerance {
                self.check_spending(&image)?;
                return Ok(Equilibrium { state: image, consumer: sums.consumer, revenue: sums.revenue, rounds, gap });
            }
            if path.leads_nowhere(gap) {
                path = Path::new(self.base(), path.step / 2.0);
            } else {
                path.state = self.possible(path.anderson.next(&path.state, image));
            }
        }
        Err(Error::NoEquilibrium { rounds: most_rounds, gap, market: self.market(widest) })
    }

    /// Inputs and final use of an equilibrium, as producers receive them: (n, n) and (n, G).
    pub fn flows(&self, state: &[f64]) -> Result<(Array2<f64>, Array2<f64>)> {
        self.check()?;
        let (n, regions, sectors) = (self.n(), self.regions(), self.sectors());
        expect_shape("state", &[state.len()], &[2 * (n + regions)])?;
        memory::expect("a table after a shock", n, &[("its flows", (n * (n + regions)) as f64)])?;
        let (mut inputs, mut finals) = (memory::zeros((n, n))?, memory::zeros((n, regions))?);
        let (powers, demand) = self.demand(state)?;
        let rows = inputs.outer_iter_mut().into_par_iter().zip(finals.outer_iter_mut()).enumerate();
        rows.for_each(|(row, (mut inputs, mut finals))| {
            let demand = demand.row(row % sectors);
            for importer in 0..regions {
                let factor = self.weights[[row, importer]] * self.net[[row, importer]] * powers[row];
                for column in self.rows(importer) {
                    let cell = self.inputs.map_or(self.finals[[row, importer]], |inputs| inputs[[row, column]]);
                    inputs[column] = factor * cell * demand[column];
                }
                finals[importer] = factor * self.finals[[row, importer]] * demand[n + importer];
            }
        });
        Ok((inputs, finals))
    }

    /// Step of wages: smaller where trade follows them faster.
    fn first_step(&self) -> f64 {
        let spent = self.goods.sum_axis(Axis(1));
        let mean = spent.dot(&self.theta) / spent.sum();
        DAMPING.min(DAMPING_BY_ELASTICITY / mean)
    }

    /// Nothing has changed yet, but that more productive sectors are cheaper.
    fn base(&self) -> Vec<f64> {
        let wages = vec![0.0; self.regions()];
        let costs = self.productivity.iter().zip(self.output).map(|(t, x)| if *x == 0.0 { 0.0 } else { -t.ln() });
        let output = self.output.iter().map(|x| if *x == 0.0 { 0.0 } else { 1.0 });
        wages.into_iter().chain(costs).chain(output).chain(vec![1.0; self.regions()]).collect()
    }

    /// Quantities that mixing made negative are 0, or the least spending.
    fn possible(&self, mut state: Vec<f64>) -> Vec<f64> {
        let (_, quantities) = state.split_at_mut(self.regions() + self.n());
        let (output, spending) = quantities.split_at_mut(self.n());
        output.iter_mut().for_each(|y| *y = y.max(0.0));
        spending.iter_mut().for_each(|e| *e = e.max(LEAST_SPENDING));
        state
    }

    /// The image of a state, of the sums over its markets.
    fn image(&self, path: &Path, sums: &Sums) -> Vec<f64> {
        let old = self.parts(&path.state);
        let (mut costs, mut output) = (vec![0.0; self.n()], vec![0.0; self.n()]);
        let (mut paid, mut labour) = (vec![0.0; self.regions()], vec![0.0; self.regions()]);
        for row in (0..self.n()).filter(|row| self.output[*row] != 0.0) {
            let (region, made) = (row / self.sectors(), self.productivity[row].ln());
            let wage = old.wages[region];
            costs[row] = self.unit_cost(row, wage, sums.costs[row]) - made;
            output[row] = sums.received[row] / self.output[row];
            paid[region] += self.labour[row] * output[row] * self.moved(wage, costs[row] + made);
            labour[region] += self.labour[row];
        }
        let spending = (0..self.regions()).map(|region| {
            let income = labour[region] * old.wages[region].exp() + sums.revenue[region] + self.deficit[region];
            let before: f64 = self.goods.column(self.n() + region).sum();
            (income / before).max(LEAST_SPENDING)
        });
        let spending: Vec<f64> = spending.collect();
        [self.wages(old.wages, &paid, &labour, path.step), costs, output, spending].concat()
    }

    /// Wages that rise where more is paid than labour earns; the numeraire is the income of all labour in the world.
    fn wages(&self, old: &[f64], paid: &[f64], labour: &[f64], step: f64) -> Vec<f64> {
        let earning = |region: &usize| labour[*region] > 0.0;
        let mut wages = old.to_vec();
        for region in (0..old.len()).filter(earning) {
            let income = labour[region] * old[region].exp();
            wages[region] += step * (paid[region] / income).max(LEAST_PAID).ln();
        }
        let world: f64 = labour.iter().sum();
        let moved: f64 = labour.iter().zip(&wages).map(|(labour, wage)| labour * wage.exp()).sum();
        for region in (0..old.len()).filter(earning) {
            wages[region] += (world / moved).ln();
        }
        wages
    }

    /// Largest change between a state and its image, and where it stands.
    fn gap(&self, path: &Path, image: &[f64]) -> (f64, usize) {
        let (mut gap, mut widest) = (0.0, 0);
        for (place, (old, new)) in path.state.iter().zip(image).enumerate() {
            let change = (new - old).abs();
            let change = match self.market(place) {
                Market::Labour(_) => change / path.step,
                Market::Cost(_) => change,
                Market::Goods(_) | Market::Spending(_) => change / old.max(1.0),
            };
            if change.is_nan() {
                return (f64::NAN, place);
            }
            if change > gap {
                (gap, widest) = (change, place);
            }
        }
        (gap, widest)
    }

    /// What a place of the state is about.
    fn market(&self, place: usize) -> Market {
        let (n, regions) = (self.n(), self.regions());
        match place {
            place if place < regions => Market::Labour(place),
            place if place < regions + n => Market::Cost(place - regions),
            place if place < regions + 2 * n => Market::Goods(place - regions - n),
            place => Market::Spending(place - regions - 2 * n),
        }
    }

    fn check_spending(&self, image: &[f64]) -> Result<()> {
        let poor = self.parts(image).spending.iter().position(|e| *e <= LEAST_SPENDING);
        poor.map_or(Ok(()), |region| Err(Error::NoIncome { region }))
    }

    /// `c^-theta` by row, and spending per unit of offer by good and column (N, n + G).
    fn demand(&self, state: &[f64]) -> Result<(Vec<f64>, Array2<f64>)> {
        let (powers, tasks) = (self.powers(state), task_list(self.regions(), self.sectors()));
        let units = unit_costs(self, &tasks, &powers, state)?;
        let mut demand = Array2::zeros((self.sectors(), self.n() + self.regions()));
        for task in tasks {
            let (_, found) = task.market(self, &powers, &units, state)?;
            let (columns, finals) = task.columns(self);
            demand.slice_mut(s![task.good, columns.clone()]).assign(&ArrayView1::from(&found[..columns.len()]));
            demand.slice_mut(s![task.good, finals]).assign(&ArrayView1::from(&found[columns.len()..]));
        }
        Ok((powers, demand))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};

    /// One good without inputs, trade in balance: welfare is the own share to the power of -1/theta (Arkolakis, Costinot
    /// and Rodriguez-Clare 2012), with shares by use and pooled alike.
    #[test]
    fn one_good_without_inputs() -> Result<()> {
        let finals = array![[8.0, 2.0, 1.0], [2.0, 5.0, 0.5], [1.0, 0.5, 4.0]];
        let (output, none) = (finals.sum_axis(Axis(1)), Array2::<f64>::zeros((3, 3)));
        let theta = 5.0_f64;
        let by_good = array![theta];
        let weights = Array2::from_shape_fn((3, 3), |(i, j)| if i == j { 1.0 } else { 1.3_f64.powf(-theta) });
        let goods =
            ndarray::concatenate![Axis(1), Array2::zeros((1, 3)), finals.sum_axis(Axis(0)).insert_axis(Axis(0))];
        let (net, ones, zeros) = (Array2::ones((3, 3)), Array1::ones(3), Array1::zeros(3));
        for inputs in [Some(none.view()), None] {
            let economy = Economy {
                inputs,
                finals: finals.view(),
                weights: weights.view(),
                net: net.view(),
                goods: goods.view(),
                labour: output.view(),
                output: output.view(),
                productivity: ones.view(),
                deficit: zeros.view(),
                theta: by_good.view(),
                between: 1.0,
            };
            let found = economy.solve(1e-13, 500, &|_, _| {})?;
            let (_, after) = economy.flows(&found.state)?;
            let spending = economy.parts(&found.state).spending;
            for region in 0..3 {
                let own = |of: &Array2<f64>| of[[region, region]] / of.column(region).sum();
                let welfare = spending[region] / found.consumer[region].exp();
                assert!((welfare - (own(&after) / own(&finals)).powf(-1.0 / theta)).abs() < 1e-11);
            }
            assert!(matches!(economy.solve(1e-13, 2, &|_, _| {}), Err(Error::NoEquilibrium { rounds: 2, .. })));
        }
        Ok(())
    }

    #[test]
    fn tasks_cover_every_good_and_importer_once() {
        for (regions, sectors) in [(1, 1), (3, 2), (77, 11), (81, 50)] {
            let all: usize = task_list(regions, sectors).iter().map(|task| task.importers.len()).sum();
            assert_eq!(all, regions * sectors);
        }
    }
}
