//! A call of the core: what it returns, and how it runs.

use std::cell::RefCell;

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

/// This thread is one of so many that call the core at once. Where they are as many as there are cores, its kernels take
/// one thread, and BLAS too, for all threads, until `leave_workers`; whether that is so.
#[pyfunction]
pub fn join_workers(workers: usize) -> bool {
    pool::join(workers)
}

/// Ends what `join_workers` has begun, where it said so.
#[pyfunction]
pub fn leave_workers() {
    pool::leave();
}

thread_local! {
    /// What a signal handler raised while a kernel ran.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Whether a signal handler raises now.
fn raises() -> bool {
    match Python::attach(|py| py.check_signals()) {
        Ok(()) => false,
        Err(error) => {
            // The first one counts.
            RAISED.with_borrow_mut(|raised| {
                raised.get_or_insert(error);
            });
            true
        }
    }
}

/// Run a kernel in the core's own threads, the GIL released. What a signal handler raises meanwhile is raised.
pub fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    let outcome = py.detach(|| pool::run(work, raises));
    match RAISED.take() {
        Some(error) => Err(error),
        None => Ok(outcome?),
    }
}
