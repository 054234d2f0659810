//! Composite indices and their draws.

use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::error::{Error, Result};
use crate::index::{self, Choice, Design, Errors, Mean, Normalisation, Spread, Tree};

type Matrix<'py> = Bound<'py, PyArray2<f64>>;

/// Names of normalisations and of means.
#[pyfunction]
pub fn index_options() -> (Vec<&'static str>, Vec<&'static str>) {
    (names(&Normalisation::NAMES), names(&Mean::NAMES))
}

fn names<T>(all: &[(&'static str, T)]) -> Vec<&'static str> {
    all.iter().map(|(name, _)| *name).collect()
}

fn parse<T: Copy>(what: &'static str, all: &[(&'static str, T)], name: &str) -> Result<T> {
    let found = all.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    found.ok_or_else(|| Error::Shape { what, expected: format!("one of {:?}", names(all)), got: name.to_owned() })
}

fn parse_all<T: Copy>(what: &'static str, all: &[(&'static str, T)], given: &[String]) -> Result<Vec<T>> {
    given.iter().map(|name| parse(what, all, name)).collect()
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
        limits: PyReadonlyArray2<'_, f64>,
        bounds: (f64, f64),
        children: Vec<Vec<usize>>,
        weights: Vec<f64>,
        means: Vec<String>,
    ) -> PyResult<Self> {
        let design = Design {
            normalisations: parse_all("normalisation", &Normalisation::NAMES, &normalisations)?,
            limits: limits.as_array().to_owned(),
            bounds: [bounds.0, bounds.1],
            tree: Tree::new(directions.len(), children)?,
            weights,
            means: parse_all("mean", &Mean::NAMES, &means)?,
            directions,
        };
        design.check()?;
        Ok(Self(design))
    }

    /// Normalised indicators (U, K), nodes (U, nodes), coverage (U, nodes), contributions (U, K).
    fn composite<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<(Matrix<'py>, Matrix<'py>, Matrix<'py>, Matrix<'py>)> {
        let values = values.as_array();
        let found = py.detach(|| index::composite(&self.0, values))?;
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
        values: PyReadonlyArray2<'py, f64>,
        draws: usize,
        seed: u64,
        concentration: Option<f64>,
        normalisations: Vec<String>,
        means: Vec<String>,
        errors: Vec<f64>,
    ) -> PyResult<Matrix<'py>> {
        let values = values.as_array();
        let spread = Spread {
            concentration,
            normalisations: parse_all("normalisation", &Normalisation::NAMES, &normalisations)?,
            means: parse_all("mean", &Mean::NAMES, &means)?,
            errors: Errors { sd: errors, seed },
        };
        Ok(py.detach(|| index::simulate(&self.0, values, &spread, draws))?.into_pyarray(py))
    }

    /// The index for given draws (draws, U): weights of edges (draws, edges), normalisation, mean and stream of errors.
    #[allow(clippy::too_many_arguments)]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArray2<'py, f64>,
        weights: PyReadonlyArray2<'py, f64>,
        choices: Vec<(Option<String>, Option<String>, Option<u64>)>,
        errors: Vec<f64>,
        seed: u64,
    ) -> PyResult<Matrix<'py>> {
        let (values, weights) = (values.as_array(), weights.as_array());
        let choices = choices.into_iter().map(choice).collect::<Result<Vec<_>>>()?;
        let errors = Errors { sd: errors, seed };
        Ok(py.detach(|| index::evaluate(&self.0, values, &errors, weights, &choices))?.into_pyarray(py))
    }
}

fn choice((normalisation, mean, stream): (Option<String>, Option<String>, Option<u64>)) -> Result<Choice> {
    Ok((
        normalisation.map(|name| parse("normalisation", &Normalisation::NAMES, &name)).transpose()?,
        mean.map(|name| parse("mean", &Mean::NAMES, &name)).transpose()?,
        stream,
    ))
}

/// Quantiles over draws (draws, U) of the index and of its rank (1 is the highest): two arrays (U, quantiles).
#[pyfunction]
pub fn index_bands<'py>(
    py: Python<'py>,
    draws: PyReadonlyArray2<'py, f64>,
    quantiles: Vec<f64>,
) -> (Matrix<'py>, Matrix<'py>) {
    let draws = draws.as_array();
    let (index, rank) = py.detach(|| index::bands(draws, &quantiles));
    (index.into_pyarray(py), rank.into_pyarray(py))
}
