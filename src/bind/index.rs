//! Composite indices and their draws.

use numpy::IntoPyArray;
use pyo3::prelude::*;

use super::arrays::Given;
use super::call::{Matrix, detached};
use crate::error::Result;
use crate::index::{self, Choice, Design, Errors, Mean, Normalisation, Spread, Tree};
use crate::options::Named;

/// Names of normalisations and of means.
#[pyfunction]
pub fn index_options() -> (Vec<&'static str>, Vec<&'static str>) {
    (Normalisation::names(), Mean::names())
}

fn parse_all<T: Named>(given: &[String]) -> Result<Vec<T>> {
    given.iter().map(|name| T::parse(name)).collect()
}

/// What makes an index of indicators: see `gvckit.index.Scheme`.
#[pyclass(frozen, module = "gvckit._core")]
pub struct IndexDesign(Design);

#[pymethods]
impl IndexDesign {
    #[new]
    #[allow(clippy::too_many_arguments)]
    fn new(
        directions: Vec<f64>,
        normalisations: Vec<String>,
        limits: Given<'_>,
        bounds: (f64, f64),
        children: Vec<Vec<usize>>,
        weights: Vec<f64>,
        means: Vec<String>,
    ) -> PyResult<Self> {
        let design = Design {
            normalisations: parse_all(&normalisations)?,
            limits: limits.matrix("limits")?.to_owned(),
            bounds: [bounds.0, bounds.1],
            tree: Tree::new(directions.len(), children)?,
            weights,
            means: parse_all(&means)?,
            directions,
        };
        design.check()?;
        Ok(Self(design))
    }

    /// Normalised indicators (U, K), nodes (U, nodes), coverage (U, nodes), contributions (U, K).
    fn composite<'py>(
        &self,
        py: Python<'py>,
        values: Given<'py>,
    ) -> PyResult<(Matrix<'py>, Matrix<'py>, Matrix<'py>, Matrix<'py>)> {
        let values = values.matrix("values")?;
        let found = detached(py, || index::composite(&self.0, values))?;
        Ok((
            found.normalised.into_pyarray(py),
            found.nodes.into_pyarray(py),
            found.coverage.into_pyarray(py),
            found.contributions.into_pyarray(py),
        ))
    }

    /// The index under draws (draws, U): Dirichlet weights, normalisations and means chosen, log-normal input errors.
    #[allow(clippy::too_many_arguments)]
    fn simulate<'py>(
        &self,
        py: Python<'py>,
        values: Given<'py>,
        draws: usize,
        seed: u64,
        concentration: Option<f64>,
        normalisations: Vec<String>,
        means: Vec<String>,
        errors: Vec<f64>,
    ) -> PyResult<Matrix<'py>> {
        let values = values.matrix("values")?;
        let spread = Spread {
            concentration,
            normalisations: parse_all(&normalisations)?,
            means: parse_all(&means)?,
            errors: Errors { sd: errors, seed },
        };
        Ok(detached(py, || index::simulate(&self.0, values, &spread, draws))?.into_pyarray(py))
    }

    /// The index for given draws (draws, U): weights of edges (draws, edges), normalisation, mean and stream of errors.
    #[allow(clippy::too_many_arguments)]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        values: Given<'py>,
        weights: Given<'py>,
        choices: Vec<(Option<String>, Option<String>, Option<u64>)>,
        errors: Vec<f64>,
        seed: u64,
    ) -> PyResult<Matrix<'py>> {
        let (values, weights) = (values.matrix("values")?, weights.matrix("weights")?);
        let choices = choices.into_iter().map(choice).collect::<Result<Vec<_>>>()?;
        let errors = Errors { sd: errors, seed };
        Ok(detached(py, || index::evaluate(&self.0, values, &errors, weights, &choices))?.into_pyarray(py))
    }
}

fn choice((normalisation, mean, stream): (Option<String>, Option<String>, Option<u64>)) -> Result<Choice> {
    Ok((
        normalisation.map(|name| Named::parse(&name)).transpose()?,
        mean.map(|name| Named::parse(&name)).transpose()?,
        stream,
    ))
}

/// Quantiles over draws (draws, U) of the index and of its rank (1 is the highest): two arrays (U, quantiles).
#[pyfunction]
pub fn index_bands<'py>(
    py: Python<'py>,
    draws: Given<'py>,
    quantiles: Vec<f64>,
) -> PyResult<(Matrix<'py>, Matrix<'py>)> {
    let draws = draws.matrix("draws")?;
    let (index, rank) = detached(py, || Ok(index::bands(draws, &quantiles)))?;
    Ok((index.into_pyarray(py), rank.into_pyarray(py)))
}
