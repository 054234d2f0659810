//! The Python module `gvckit._core`: registration only. Each file here binds the topic of its name.

mod arrays;
mod balance;
mod call;
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
mod tuple;

use pyo3::prelude::*;

/// The numbers of gvckit: NumPy in, NumPy out. See `gvckit.core` for the documented names.
#[pymodule]
mod _core {
    use super::*;

    #[pymodule_export]
    use super::balance::{disturb, gras};
    #[pymodule_export]
    use super::call::{join_workers, leave_workers, stop_all};
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
    use super::leontief::{ghosh_inverse, input_coefficients, leontief_inverse, local_inverse, local_solve};
    #[pymodule_export]
    use super::models::{equilibrium_flows, solve_equilibrium};
    #[pymodule_export]
    use super::participation::{
        participation_backward, participation_forward, participation_returned, participation_terms,
    };
    #[pymodule_export]
    use super::read::{cell_name, most_bytes, read_delimited, read_flat, read_head, read_sheet, sheet_names};
    #[pymodule_export]
    use super::reliance::{direct_trade, inputs_required};
    #[pymodule_export]
    use super::solver::{Factor, Iteration, factor, iteration};
    #[pymodule_export]
    use super::table::{output_made, per_output, sectors_without_output, table_totals, totals, value_added_per_output};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::machine::pool::settle();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
