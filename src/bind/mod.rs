//! The Python module `gvckit._core`: registration only. Each file here binds the topic of its name.

mod balance;
mod dependence;
mod errors;
mod exports;
mod flows;
mod index;
mod lengths;
mod leontief;
mod models;
mod participation;
mod read;
mod table;

use pyo3::prelude::*;

/// The numbers of gvckit: NumPy in, NumPy out. See `gvckit.core` for the documented names.
#[pymodule]
mod _core {
    use super::*;

    #[pymodule_export]
    use super::balance::{disturb, gras};
    #[pymodule_export]
    use super::dependence::{direct_trade, extraction, extraction_pairs, inputs_required};
    #[pymodule_export]
    use super::exports::{
        export_terms, exports_bm_sink, exports_bm_source, exports_bm_world, exports_content, exports_kww,
        exports_tripartite, exports_wwz,
    };
    #[pymodule_export]
    use super::flows::{flows_by_absorber, flows_by_importer};
    #[pymodule_export]
    use super::index::{IndexDesign, index_bands, index_options};
    #[pymodule_export]
    use super::lengths::{downstreamness, length_columns, production_lengths, upstream_output};
    #[pymodule_export]
    use super::leontief::{
        Factor, Iteration, factor, ghosh_inverse, input_coefficients, iteration, leontief_inverse, local_inverse,
    };
    #[pymodule_export]
    use super::models::{equilibrium, equilibrium_flows};
    #[pymodule_export]
    use super::participation::{
        participation_backward, participation_forward, participation_returned, participation_terms,
    };
    #[pymodule_export]
    use super::read::{read_delimited, read_flat, read_head, read_sheet};
    #[pymodule_export]
    use super::table::totals;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::interrupt::install(signal_came);
        Ok(())
    }
}

/// Whether Python wants to raise, as after Ctrl-C.
fn signal_came() -> bool {
    Python::attach(|py| py.check_signals().is_err())
}
