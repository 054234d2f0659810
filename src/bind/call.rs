//! A call of the core: what it returns, and how it runs.

use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;

use crate::error::Result;
use crate::machine::{interrupt, pool};

pub type Vector<'py> = Bound<'py, PyArray1<f64>>;
pub type Matrix<'py> = Bound<'py, PyArray2<f64>>;

/// Stop every call of the core that runs now, in whatever thread: each ends with KeyboardInterrupt within a moment.
///
/// Signals reach Python's main thread alone; this passes its Ctrl-C on to calls in worker threads.
#[pyfunction]
pub fn stop_all() {
    interrupt::stop_all();
}

/// Run a kernel in the core's own threads, the GIL released. What a signal handler raises meanwhile is raised.
pub fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    let (outcome, raised) = py.detach(|| {
        let mut raised = None;
        let outcome = pool::run(work, || {
            raised = raised.take().or_else(|| Python::attach(|py| py.check_signals()).err());
            raised.is_some()
        });
        (outcome, raised)
    });
    match raised {
        Some(error) => Err(error),
        None => Ok(outcome?),
    }
}
