//! Uncertainty of an index: weights, normalisation, mean and input errors are drawn, one stream of random numbers a draw.
//!
//! A draw's stream depends on the seed and its number alone, so results don't depend on the number of threads.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

use super::design::{Design, composite};
use super::normalise::{Normalisation, normalise};
use super::tree::{Mean, Work};
use crate::error::{Error, Result, expect_shape};
use crate::machine::random::{Stream, choose, dirichlet, log_normal, quantile, stream};
use crate::machine::{interrupt, memory, simd};

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
            draw_weights(design, concentration, &mut rng, weights)?;
        }
        let normalisation = choose(&spread.normalisations, &mut rng);
        let mean = choose(&spread.means, &mut rng);
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
    memory::expect("draws of an index", draws, &[("draws", draws as f64 * units as f64)])?;
    let mut out = memory::zeros((draws, units))?;
    let work = |first: usize, mut rows: ArrayViewMut2<f64>| {
        let mut weights = design.weights.clone();
        let mut scratch = Scratch {
            values: values.as_standard_layout().into_owned(),
            work: Work::of(&design.tree),
            means: design.means.clone(),
        };
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
                *value *= log_normal(*sd, &mut rng);
            }
        }
    }
    for (col, own) in design.normalisations.iter().enumerate() {
        normalise(draw.normalisation.unwrap_or(*own), &design.scale(col), scratch.values.column_mut(col))?;
    }
    if let Some(mean) = draw.mean {
        scratch.means.fill(mean);
    } else {
        scratch.means.copy_from_slice(&design.means);
    }
    Ok(())
}

fn average(design: &Design, draw: Draw, unit: usize, scratch: &mut Scratch) -> Result<f64> {
    let leaves = simd::contiguous(scratch.values.row(unit));
    design
        .tree
        .average(draw.weights, &scratch.means, &leaves, &mut scratch.work)
        .map_err(|(col, problem)| Error::Indicator { col, row: Some(unit), problem })?;
    match scratch.work.values.last() {
        Some(index) => Ok(*index),
        None => unreachable!("a tree has a last node"),
    }
}

/// Weights of each node's children from a Dirichlet distribution around the given ones.
fn draw_weights(design: &Design, concentration: f64, rng: &mut Stream, weights: &mut [f64]) -> Result<()> {
    for (.., place) in design.tree.walk().filter(|(_, below, _)| below.len() > 1) {
        dirichlet(&design.weights[place.clone()], concentration, rng, &mut weights[place])?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::design::tests::design;
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
    fn quantiles_as_numpy_has_them() {
        let draws = array![[1.0, 5.0], [2.0, f64::NAN], [4.0, 7.0], [3.0, 6.0]];
        let (index, rank) = bands(draws.view(), &[0.0, 0.25, 0.5]);
        assert_eq!(index, array![[1.0, 1.75, 2.5], [5.0, 5.5, 6.0]]);
        assert_eq!(rank.row(1), array![1.0, 1.0, 1.0]);
    }
}
