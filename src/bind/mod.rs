//! The Python module `gvckit._core`: registration only. Each file here binds the topic of its name.

mod arrays;
mod balance;
mod errors;
mod exports;
mod extraction;
mod flows;
mod index;
mod lengths;
mod leontief;
mod models;
mod participation;
mod read;
mod reliance;
mod solver;
mod table;

use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;

use crate::error::Result;

type Vector<'py> = Bound<'py, PyArray1<f64>>;
type Matrix<'py> = Bound<'py, PyArray2<f64>>;

/// The numbers of gvckit: NumPy in, NumPy out. See `gvckit.core` for the documented names.
#[pymodule]
mod _core {
    use super::*;

    #[pymodule_export]
    use super::balance::{disturb, gras};
    #[pymodule_export]
    use super::exports::{
        export_decomposition, export_terms, exports_bm_sink, exports_bm_source, exports_bm_world, exports_content,
        exports_kww, exports_tripartite, exports_wwz,
    };
    #[pymodule_export]
    use super::extraction::{extraction, extraction_pairs};
    #[pymodule_export]
    use super::flows::{flow_kinds, flows_by_absorber, flows_by_importer};
    #[pymodule_export]
    use super::index::{IndexDesign, index_bands, index_options};
    #[pymodule_export]
    use super::lengths::{downstreamness, length_columns, production_lengths, upstream_output};
    #[pymodule_export]
    use super::leontief::{ghosh_inverse, input_coefficients, leontief_inverse, local_inverse};
    #[pymodule_export]
    use super::models::{equilibrium_flows, solve_equilibrium};
    #[pymodule_export]
    use super::participation::{
        participation_backward, participation_forward, participation_returned, participation_terms,
    };
    #[pymodule_export]
    use super::read::{read_delimited, read_flat, read_head, read_sheet};
    #[pymodule_export]
    use super::reliance::{direct_trade, inputs_required};
    #[pymodule_export]
    use super::solver::{Factor, Iteration, factor, iteration};
    #[pymodule_export]
    use super::table::totals;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::machine::interrupt::install(signal_came);
        Ok(())
    }
}

/// Whether Python wants to raise, as after Ctrl-C.
fn signal_came() -> bool {
    Python::attach(|py| py.check_signals().is_err())
}

/// Run a kernel with the GIL released.
fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    Ok(py.detach(work)?)
}
