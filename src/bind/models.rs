//! General equilibrium in changes.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::models::equilibrium as model;
use crate::table::Dims;

type Vector<'py> = Bound<'py, PyArray1<f64>>;
type Matrix<'py> = Bound<'py, PyArray2<f64>>;
type GivenVector<'py> = PyReadonlyArray1<'py, f64>;
type GivenMatrix<'py> = PyReadonlyArray2<'py, f64>;

/// An economy and its shock, as `models::equilibrium::Economy` has them; the first is None where uses share their origins.
#[derive(FromPyObject)]
pub struct Economy<'py>(
    Option<GivenMatrix<'py>>,
    GivenMatrix<'py>,
    GivenMatrix<'py>,
    GivenMatrix<'py>,
    GivenMatrix<'py>,
    GivenVector<'py>,
    GivenVector<'py>,
    GivenVector<'py>,
    GivenVector<'py>,
    GivenVector<'py>,
    f64,
);

impl Economy<'_> {
    fn view(&self) -> PyResult<model::Economy<'_>> {
        Ok(model::Economy {
            dims: Dims::new(self.1.as_array().nrows(), self.9.as_array().len())?,
            inputs: self.0.as_ref().map(|inputs| inputs.as_array()),
            finals: self.1.as_array(),
            weights: self.2.as_array(),
            net: self.3.as_array(),
            goods: self.4.as_array(),
            labour: self.5.as_array(),
            output: self.6.as_array(),
            productivity: self.7.as_array(),
            deficit: self.8.as_array(),
            theta: self.9.as_array(),
            between: self.10,
        })
    }
}

/// State (2 (n + G),) of the equilibrium, logarithm of consumers' prices (G,), revenue (G,), rounds and the last gap.
#[pyfunction]
#[pyo3(signature = (economy, tolerance, most_rounds, report=None))]
pub fn equilibrium<'py>(
    py: Python<'py>,
    economy: Economy<'py>,
    tolerance: f64,
    most_rounds: usize,
    report: Option<Py<PyAny>>,
) -> PyResult<(Vector<'py>, Vector<'py>, Vector<'py>, usize, f64)> {
    let economy = economy.view()?;
    let tell = |round: usize, gap: f64| {
        if let Some(report) = &report {
            // Progress that can't be shown doesn't stop the work.
            Python::attach(|py| report.call1(py, (round, gap)).map_or_else(|error| error.print(py), drop));
        }
    };
    let found = py.detach(|| economy.solve(tolerance, most_rounds, &tell))?;
    Ok((
        found.state.into_pyarray(py),
        found.consumer.into_pyarray(py),
        found.revenue.into_pyarray(py),
        found.rounds,
        found.gap,
    ))
}

/// Inputs (n, n) and final use (n, G) of an equilibrium, as producers receive them.
#[pyfunction]
pub fn equilibrium_flows<'py>(
    py: Python<'py>,
    economy: Economy<'py>,
    state: GivenVector<'py>,
) -> PyResult<(Matrix<'py>, Matrix<'py>)> {
    let economy = economy.view()?;
    let state = state.as_array().to_vec();
    let (inputs, finals) = py.detach(|| economy.flows(&state))?;
    Ok((inputs.into_pyarray(py), finals.into_pyarray(py)))
}
