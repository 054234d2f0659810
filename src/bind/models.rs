//! General equilibrium in changes.

use ndarray::Array1;
use numpy::IntoPyArray;
use pyo3::prelude::*;

use super::arrays::Given;
use super::call::{Matrix, Vector, detached};
use crate::error::Result;
use crate::machine::memory;
use crate::models::economy;

/// An economy and its shock, as `models::economy::Economy` has them.
#[derive(FromPyObject)]
pub struct Economy<'py>(
    Option<Given<'py>>,
    Given<'py>,
    Given<'py>,
    Given<'py>,
    Given<'py>,
    Given<'py>,
    Given<'py>,
    Given<'py>,
    Given<'py>,
    Given<'py>,
    f64,
);

impl Economy<'_> {
    /// Work on the economy as the kernel takes it, the GIL released; inputs that are not row-major are copied.
    fn run<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&economy::Economy) -> Result<T> + Send) -> PyResult<T> {
        let inputs = self.0.as_ref().map(|inputs| inputs.matrix("inputs")).transpose()?;
        let vectors: [Array1<f64>; 5] = [
            self.5.vector("labour")?,
            self.6.vector("output")?,
            self.7.vector("productivity")?,
            self.8.vector("deficit")?,
            self.9.vector("theta")?,
        ];
        let (finals, weights) = (self.1.matrix("finals")?, self.2.matrix("weights")?);
        let (net, goods, between) = (self.3.matrix("net")?, self.4.matrix("goods")?, self.10);
        detached(py, || {
            let copied = inputs.filter(|inputs| !inputs.is_standard_layout()).map(memory::copy).transpose()?;
            let [labour, output, productivity, deficit, theta] = vectors.each_ref().map(|vector| vector.view());
            work(&economy::Economy {
                inputs: copied.as_ref().map(|copied| copied.view()).or(inputs),
                finals,
                weights,
                net,
                goods,
                labour,
                output,
                productivity,
                deficit,
                theta,
                between,
            })
        })
    }
}

/// State (2 (n + G),) of the equilibrium, logarithm of consumers' prices (G,), revenue (G,), rounds and the last gap.
#[pyfunction]
#[pyo3(name = "equilibrium", signature = (economy, tolerance, most_rounds, report=None))]
pub fn solve_equilibrium<'py>(
    py: Python<'py>,
    economy: Economy<'py>,
    tolerance: f64,
    most_rounds: usize,
    report: Option<Py<PyAny>>,
) -> PyResult<(Vector<'py>, Vector<'py>, Vector<'py>, usize, f64)> {
    let tell = |round: usize, gap: f64| {
        if let Some(report) = &report {
            // Progress that can't be shown doesn't stop the work.
            Python::attach(|py| report.call1(py, (round, gap)).map_or_else(|error| error.print(py), drop));
        }
    };
    let found = economy.run(py, |economy| economy.solve(tolerance, most_rounds, &tell))?;
    let vectors = [found.state, found.consumer, found.revenue].map(|vector| vector.into_pyarray(py));
    let [state, consumer, revenue] = vectors;
    Ok((state, consumer, revenue, found.rounds, found.gap))
}

/// Inputs (n, n) and final use (n, G) of an equilibrium, as producers receive them.
#[pyfunction]
pub fn equilibrium_flows<'py>(
    py: Python<'py>,
    economy: Economy<'py>,
    state: Given<'py>,
) -> PyResult<(Matrix<'py>, Matrix<'py>)> {
    let state = state.vector("state")?.to_vec();
    let (inputs, finals) = economy.run(py, |economy| economy.flows(&state))?;
    Ok((inputs.into_pyarray(py), finals.into_pyarray(py)))
}
