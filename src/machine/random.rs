//! Random numbers: a stream a draw, so that results don't depend on the number of threads, and what is drawn from it.

use rand_distr::{Distribution, Gamma, OpenClosed01, StandardNormal, Uniform};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

use crate::error::{Error, Result};

/// A stream of random numbers.
pub type Stream = Xoshiro256PlusPlus;

/// The stream of a draw: neighbours in number are far apart after the generator's own mixing of its seed.
pub fn stream(seed: u64, number: u64) -> Stream {
    Stream::seed_from_u64(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.rotate_left(32))
}

/// The logarithm of a log-normal factor of mean 1, `sd` its standard deviation: what it multiplies keeps its sign and mean.
pub fn log_factor(sd: f64, rng: &mut Stream) -> f64 {
    let normal: f64 = StandardNormal.sample(rng);
    sd * normal - sd * sd / 2.0
}

/// A log-normal factor of mean 1.
pub fn log_normal(sd: f64, rng: &mut Stream) -> f64 {
    log_factor(sd, rng).exp()
}

/// Shares from a Dirichlet distribution around the given ones: the larger the concentration, the closer. A share of 0 stays.
pub fn dirichlet(given: &[f64], concentration: f64, rng: &mut Stream, drawn: &mut [f64]) -> Result<()> {
    for (into, share) in drawn.iter_mut().zip(given) {
        *into = if *share == 0.0 { 0.0 } else { gamma(concentration * share)?.sample(rng) };
    }
    let total: f64 = drawn.iter().sum();
    if total < f64::MIN_POSITIVE {
        return dirichlet_in_logs(given, concentration, rng, drawn);
    }
    drawn.iter_mut().for_each(|share| *share /= total);
    Ok(())
}

/// Shares at a concentration so small that all gamma variables underflow: one share is nearly 1, each as often as it
/// weighs. A gamma variable of shape a is one of shape a + 1 times `u^(1/a)` with u uniform.
fn dirichlet_in_logs(given: &[f64], concentration: f64, rng: &mut Stream, drawn: &mut [f64]) -> Result<()> {
    for (into, share) in drawn.iter_mut().zip(given) {
        *into = f64::NEG_INFINITY;
        if *share > 0.0 {
            let above: f64 = gamma(concentration * share + 1.0)?.sample(rng);
            let uniform: f64 = OpenClosed01.sample(rng);
            // Times the concentration, so that it is a number however small that is.
            *into = concentration * above.ln() + uniform.ln() / share;
        }
    }
    let largest = drawn.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    drawn.iter_mut().for_each(|e| *e = ((*e - largest) / concentration).exp());
    let total: f64 = drawn.iter().sum();
    drawn.iter_mut().for_each(|share| *share /= total);
    Ok(())
}

fn gamma(shape: f64) -> Result<Gamma<f64>> {
    Gamma::new(shape, 1.0).map_err(|_| Error::Shape {
        what: "concentration",
        expected: "a positive number".to_owned(),
        got: format!("{shape}"),
    })
}

/// One of several, each as likely; `None` of none.
pub fn choose<T: Copy>(from: &[T], rng: &mut Stream) -> Option<T> {
    let places = Uniform::new(0, from.len()).ok()?;
    Some(from[places.sample(rng)])
}

/// Quantile of sorted values, linear between neighbours as NumPy's default; NaN of none.
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
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

    #[test]
    fn shares_drawn_have_the_given_mean() -> Result<()> {
        let given = [0.6, 0.0, 0.3, 0.1];
        let mut rng = stream(3, 0);
        let (mut mean, mut drawn) = ([0.0; 4], [0.0; 4]);
        for _ in 0..20_000 {
            dirichlet(&given, 10.0, &mut rng, &mut drawn)?;
            mean.iter_mut().zip(&drawn).for_each(|(mean, share)| *mean += share / 20_000.0);
        }
        assert!(mean.iter().zip(&given).all(|(got, want)| (got - want).abs() < 0.01), "{mean:?}");
        assert_eq!(mean[1], 0.0);
        assert!(dirichlet(&given, -1.0, &mut rng, &mut drawn).is_err());
        Ok(())
    }

    #[test]
    fn shares_of_a_tiny_concentration_are_one_or_none() -> Result<()> {
        for concentration in [1e-3, 1e-9, 1e-200, 1e-320] {
            let mut rng = stream(5, 0);
            let (mut first, mut drawn) = (0.0, [0.0; 2]);
            for _ in 0..4000 {
                dirichlet(&[0.75, 0.25], concentration, &mut rng, &mut drawn)?;
                assert!((drawn[0] + drawn[1] - 1.0).abs() < 1e-12, "{drawn:?}");
                first += drawn[0] / 4000.0;
            }
            // The standard error is 0.007.
            assert!((first - 0.75).abs() < 0.03, "{concentration}: {first}");
        }
        Ok(())
    }

    #[test]
    fn log_normal_factors_have_mean_one() {
        let mut rng = stream(1, 2);
        let mean = (0..100_000).map(|_| log_normal(0.3, &mut rng)).sum::<f64>() / 1e5;
        assert!((mean - 1.0).abs() < 0.005, "{mean}");
        assert_eq!(log_normal(0.0, &mut rng), 1.0);
    }

    #[test]
    fn quantiles_as_numpy_has_them() {
        let of = |q| quantile(&[1.0, 2.0, 3.0, 4.0], q);
        assert_eq!((of(0.0), of(0.25), of(0.5), of(1.0)), (1.0, 1.75, 2.5, 4.0));
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!(choose::<u8>(&[], &mut stream(0, 0)), None);
    }
}
