//! Uncertainty of an index: weights, normalisation, mean and input errors are drawn, one stream of random numbers a draw.
//!
//! A draw's stream depends on the seed and its number alone, so results don't depend on the number of threads.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rand_distr::{Distribution, Gamma, OpenClosed01, StandardNormal, Uniform};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::normalise::{self, Normalisation};
use super::tree::{Mean, Work};
use super::{Design, composite};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::random::stream;
use crate::table::expect_shape;

/// Draws that one parallel task handles.
const DRAWS_PER_TASK: usize = 256;
/// Draws between two looks for Ctrl-C, which only the calling thread can see.
const DRAWS_PER_LOOK: usize = 64 * DRAWS_PER_TASK;

/// Relative errors of the inputs.
#[derive(Debug, Clone)]
pub struct Errors {
    /// Standard deviation of the logarithm, K; 0 for a value that is taken as exact.
    pub sd: Vec<f64>,
    /// Start of all streams.
    pub seed: u64,
}

/// What may vary from draw to draw.
#[derive(Debug, Clone)]
pub struct Spread {
    /// Sum of the Dirichlet parameters of a node's weights: larger is closer to the given weights. None: weights stay.
    pub concentration: Option<f64>,
    /// Normalisations to choose from, alike for all indicators; empty: the design's own.
    pub normalisations: Vec<Normalisation>,
    /// Means to choose from, alike for all nodes; empty: the design's own.
    pub means: Vec<Mean>,
    /// Input errors.
    pub errors: Errors,
}

/// Normalisation and mean in place of the design's, and the number of the stream of input errors (None: no error).
pub type Choice = (Option<Normalisation>, Option<Mean>, Option<u64>);

/// One version of an index: weight of each edge, and the choices.
#[derive(Clone, Copy)]
struct Draw<'a> {
    weights: &'a [f64],
    normalisation: Option<Normalisation>,
    mean: Option<Mean>,
    stream: Option<u64>,
}

struct Scratch {
    values: Array2<f64>,
    work: Work,
    means: Vec<Mean>,
}

/// The index of each unit under many draws from a spread: draws x U.
pub fn simulate(design: &Design, values: ArrayView2<f64>, spread: &Spread, draws: usize) -> Result<Array2<f64>> {
    many(design, values, &spread.errors, draws, |number, weights| {
        let mut rng = stream(spread.errors.seed, number as u64);
        if let Some(concentration) = spread.concentration {
            dirichlet(design, concentration, &mut rng, weights)?;
        }
        let normalisation = choose(&spread.normalisations, &mut rng)?;
        let mean = choose(&spread.means, &mut rng)?;
        // Errors have streams of their own, after those of the choices.
        Ok((normalisation, mean, Some((draws + number) as u64)))
    })
}

/// The index of each unit for draws that are given: weights (draws x edges), and the three choices of each.
pub fn evaluate(
    design: &Design,
    values: ArrayView2<f64>,
    errors: &Errors,
    weights: ArrayView2<f64>,
    choices: &[Choice],
) -> Result<Array2<f64>> {
    expect_shape("weights", weights.shape(), &[choices.len(), design.tree.edges()])?;
    many(design, values, errors, choices.len(), |number, into| {
        into.iter_mut().zip(weights.row(number)).for_each(|(into, w)| *into = *w);
        Ok(choices[number])
    })
}

fn many(
    design: &Design,
    values: ArrayView2<f64>,
    errors: &Errors,
    draws: usize,
    choose: impl Fn(usize, &mut Vec<f64>) -> Result<Choice> + Sync,
) -> Result<Array2<f64>> {
    // The index without any change: shapes are checked, and what is wrong is said once and in order.
    composite(design, values)?;
    expect_shape("errors", &[errors.sd.len()], &[design.indicators()])?;
    let units = values.nrows();
    let mut out = Array2::zeros((draws, units));
    let work = |first: usize, mut rows: ArrayViewMut2<f64>| {
        let mut weights = design.weights.clone();
        let mut scratch =
            Scratch { values: values.to_owned(), work: Work::of(&design.tree), means: design.means.clone() };
        for (k, mut row) in rows.outer_iter_mut().enumerate() {
            weights.copy_from_slice(&design.weights);
            let (normalisation, mean, stream) = choose(first + k, &mut weights)?;
            let draw = Draw { weights: &weights, normalisation, mean, stream };
            one(design, values, errors, draw, &mut scratch)?;
            for unit in 0..units {
                row[unit] = average(design, draw, unit, &mut scratch)?;
            }
        }
        Ok::<(), Error>(())
    };
    for (look, mut part) in out.axis_chunks_iter_mut(Axis(0), DRAWS_PER_LOOK).enumerate() {
        interrupt::check()?;
        part.axis_chunks_iter_mut(Axis(0), DRAWS_PER_TASK)
            .into_par_iter()
            .enumerate()
            .try_for_each(|(task, rows)| work(look * DRAWS_PER_LOOK + task * DRAWS_PER_TASK, rows))?;
    }
    Ok(out)
}

/// Disturbed and normalised indicators of one draw.
fn one(design: &Design, values: ArrayView2<f64>, errors: &Errors, draw: Draw, scratch: &mut Scratch) -> Result<()> {
    scratch.values.assign(&values);
    if let Some(number) = draw.stream
        && errors.sd.iter().any(|sd| *sd > 0.0)
    {
        let mut rng = stream(errors.seed, number);
        for mut row in scratch.values.outer_iter_mut() {
            for (value, sd) in row.iter_mut().zip(&errors.sd) {
                let normal: f64 = StandardNormal.sample(&mut rng);
                // Log-normal of mean 1: the sign stays, and so does the mean.
                *value *= (sd * normal - sd * sd / 2.0).exp();
            }
        }
    }
    for (col, own) in design.normalisations.iter().enumerate() {
        normalise::column(draw.normalisation.unwrap_or(*own), design, col, scratch.values.column_mut(col))?;
    }
    if let Some(mean) = draw.mean {
        scratch.means.fill(mean);
    } else {
        scratch.means.copy_from_slice(&design.means);
    }
    Ok(())
}

fn average(design: &Design, draw: Draw, unit: usize, scratch: &mut Scratch) -> Result<f64> {
    let row = scratch.values.row(unit);
    let leaves = row.as_slice().unwrap_or_default();
    design
        .tree
        .average(draw.weights, &scratch.means, leaves, &mut scratch.work)
        .map_err(|(col, problem)| Error::Indicator { col, row: Some(unit), problem })?;
    Ok(scratch.work.values.last().copied().unwrap_or(f64::NAN))
}

/// Weights of each node's children from a Dirichlet distribution around the given ones.
fn dirichlet(design: &Design, concentration: f64, rng: &mut Xoshiro256PlusPlus, weights: &mut [f64]) -> Result<()> {
    for (_, below, place) in design.tree.walk() {
        if below.len() == 1 {
            continue;
        }
        let given = &design.weights[place.clone()];
        let drawn = &mut weights[place];
        for (into, weight) in drawn.iter_mut().zip(given) {
            let shape = concentration * weight;
            *into = if shape == 0.0 { 0.0 } else { gamma(shape)?.sample(rng) };
        }
        let total: f64 = drawn.iter().sum();
        if total >= f64::MIN_POSITIVE {
            drawn.iter_mut().for_each(|w| *w /= total);
        } else {
            dirichlet_in_logs(concentration, given, rng, drawn)?;
        }
    }
    Ok(())
}

/// Weights at a concentration so small that all gamma variables underflow: one weight is nearly 1, each as often as it
/// weighs. A gamma variable of shape a is one of shape a + 1 times `u^(1/a)` with u uniform.
fn dirichlet_in_logs(concentration: f64, given: &[f64], rng: &mut Xoshiro256PlusPlus, drawn: &mut [f64]) -> Result<()> {
    for (into, weight) in drawn.iter_mut().zip(given) {
        *into = f64::NEG_INFINITY;
        if *weight > 0.0 {
            let above: f64 = gamma(concentration * weight + 1.0)?.sample(rng);
            let uniform: f64 = OpenClosed01.sample(rng);
            // Times the concentration, so that it is a number however small that is.
            *into = concentration * above.ln() + uniform.ln() / weight;
        }
    }
    let largest = drawn.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    drawn.iter_mut().for_each(|e| *e = ((*e - largest) / concentration).exp());
    let total: f64 = drawn.iter().sum();
    drawn.iter_mut().for_each(|w| *w /= total);
    Ok(())
}

fn gamma(shape: f64) -> Result<Gamma<f64>> {
    Gamma::new(shape, 1.0).map_err(|_| Error::Shape {
        what: "concentration",
        expected: "a positive number".to_owned(),
        got: format!("{shape}"),
    })
}

fn choose<T: Copy>(from: &[T], rng: &mut Xoshiro256PlusPlus) -> Result<Option<T>> {
    if from.is_empty() {
        return Ok(None);
    }
    let place = Uniform::new(0, from.len()).map(|u| u.sample(rng)).unwrap_or_default();
    Ok(Some(from[place]))
}

/// Quantiles over draws of the index and of its rank (1 is the highest) for each unit: two arrays U x quantiles.
pub fn bands(draws: ArrayView2<f64>, quantiles: &[f64]) -> (Array2<f64>, Array2<f64>) {
    let mut ranks = Array2::zeros(draws.dim());
    ranks.axis_iter_mut(Axis(0)).into_par_iter().zip(draws.axis_iter(Axis(0))).for_each(|(mut into, row)| {
        for (rank, value) in into.iter_mut().zip(row) {
            *rank = if value.is_nan() { f64::NAN } else { 1.0 + row.iter().filter(|o| *o > value).count() as f64 };
        }
    });
    (over_draws(draws, quantiles), over_draws(ranks.view(), quantiles))
}

fn over_draws(draws: ArrayView2<f64>, quantiles: &[f64]) -> Array2<f64> {
    let mut out = Array2::from_elem((draws.ncols(), quantiles.len()), f64::NAN);
    out.axis_iter_mut(Axis(0)).into_par_iter().zip(draws.axis_iter(Axis(1))).for_each(|(mut into, column)| {
        let mut sorted: Vec<f64> = column.iter().copied().filter(|e| !e.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        for (into, q) in into.iter_mut().zip(quantiles) {
            *into = quantile(&sorted, *q);
        }
    });
    out
}

/// Linear between neighbours, as NumPy's default.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    let place = q.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::tests::design;
    use ndarray::array;

    fn spread(sd: f64) -> Spread {
        Spread {
            concentration: Some(20.0),
            normalisations: vec![Normalisation::MinMax, Normalisation::Rank],
            means: vec![Mean::Arithmetic, Mean::Geometric],
            errors: Errors { sd: vec![sd; 3], seed: 7 },
        }
    }

    #[test]
    fn draws_do_not_depend_on_threads() -> Result<()> {
        let values = array![[0.5, 10.0, 5.0], [1.0, 30.0, 3.0], [4.0, 20.0, 1.0]];
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.map(|p| p.install(|| simulate(&design(Mean::Arithmetic), values.view(), &spread(0.1), 2000)))
        };
        let (one, many) = (run(1), run(3));
        let (Ok(one), Ok(many)) = (one, many) else { panic!("no pool") };
        assert_eq!(one?, many?);
        Ok(())
    }

    #[test]
    fn without_spread_every_draw_is_the_index() -> Result<()> {
        let values = array![[0.5, 10.0, 5.0], [1.0, 30.0, 3.0], [4.0, 20.0, 1.0]];
        let still = Spread {
            concentration: None,
            normalisations: vec![],
            means: vec![],
            errors: Errors { sd: vec![0.0; 3], seed: 1 },
        };
        let design = design(Mean::Geometric);
        let index = composite(&design, values.view())?.nodes.column(2).to_owned();
        let drawn = simulate(&design, values.view(), &still, 5)?;
        assert!(drawn.outer_iter().all(|row| row == index));
        Ok(())
    }

    #[test]
    fn weights_drawn_have_the_given_mean() -> Result<()> {
        let design = design(Mean::Arithmetic);
        let mut rng = stream(3, 0);
        let mut sum = vec![0.0; design.weights.len()];
        let mut weights = design.weights.clone();
        for _ in 0..20_000 {
            dirichlet(&design, 10.0, &mut rng, &mut weights)?;
            sum.iter_mut().zip(&weights).for_each(|(s, w)| *s += w / 20_000.0);
        }
        assert!(sum.iter().zip(&design.weights).all(|(got, want)| (got - want).abs() < 0.01), "{sum:?}");
        Ok(())
    }

    #[test]
    fn weights_of_a_tiny_concentration_are_one_or_none() -> Result<()> {
        let design = design(Mean::Arithmetic);
        for concentration in [1e-3, 1e-9, 1e-200, 1e-320] {
            let mut rng = stream(5, 0);
            let mut first = 0.0;
            let mut weights = design.weights.clone();
            for _ in 0..4000 {
                dirichlet(&design, concentration, &mut rng, &mut weights)?;
                assert!((weights[0] + weights[1] - 1.0).abs() < 1e-12, "{weights:?}");
                first += weights[0] / 4000.0;
            }
            // Weighs 0.75; the standard error is 0.007.
            assert!((first - 0.75).abs() < 0.03, "{concentration}: {first}");
        }
        Ok(())
    }

    #[test]
    fn quantiles_as_numpy_has_them() {
        let draws = array![[1.0, 5.0], [2.0, f64::NAN], [4.0, 7.0], [3.0, 6.0]];
        let (index, rank) = bands(draws.view(), &[0.0, 0.25, 0.5]);
        assert_eq!(index, array![[1.0, 1.75, 2.5], [5.0, 5.5, 6.0]]);
        assert_eq!(rank.row(1), array![1.0, 1.0, 1.0]);
    }
}
