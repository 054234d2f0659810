//! Decompositions of gross exports.

use ndarray::{ArrayD, ArrayView2};
use numpy::{IntoPyArray, PyArrayDyn};
use pyo3::prelude::*;

use super::arrays::Given;
use super::call::Matrix;
use super::solver::Solving;
use crate::error::{Result, expect_shape};
use crate::measures::exports::{self, Economy};
use crate::table::{Blocks, Table, Value};

type Terms<'py> = (Bound<'py, PyArrayDyn<f64>>, Matrix<'py>);

/// Names of the terms of a method.
#[pyfunction]
pub fn export_terms(method: &str) -> PyResult<Vec<&'static str>> {
    if method == "borin_mancini" {
        // The terms that its two versions share.
        return Ok(exports::method("bm_source")?.terms[..8].to_vec());
    }
    Ok(exports::method(method)?.terms.to_vec())
}

/// What a decomposition is made of.
struct Parts<'py> {
    z: Given<'py>,
    y: Given<'py>,
    b: Solving<'py>,
    x: Given<'py>,
    v: Given<'py>,
    starts: Vec<usize>,
    made: Option<Given<'py>>,
}

impl Parts<'_> {
    fn decompose<'py>(
        self,
        py: Python<'py>,
        kernel: impl FnOnce(&Economy) -> Result<ArrayD<f64>> + Send,
    ) -> PyResult<Terms<'py>> {
        let (x, v) = (self.x.vector("x")?, self.v.vector("v")?);
        let (z, y): (ArrayView2<f64>, ArrayView2<f64>) = (self.z.matrix("Z")?, self.y.matrix("Y")?);
        let blocks = Blocks::new(self.starts, x.len())?;
        let made = self.made.map(|made| made.vector("made")).transpose()?;
        let table = Table::new(blocks, z, y, x.view(), Value::PerOutput(v.view()))?.with_made(made)?;
        let (terms, sent) = self.b.apply(py, |solver| {
            expect_shape("B", &[solver.order()], &[table.blocks.n()])?;
            let economy = Economy::new(table, solver)?;
            Ok((kernel(&economy)?, economy.exports().to_owned()))
        })?;
        Ok((terms.into_pyarray(py), sent.into_pyarray(py)))
    }
}

/// Terms of a method by exporter (G, terms) or by row and partner (n, G, terms), and gross exports (n, G).
///
/// `b` is the inverse as an array; where a method takes no block of it, a `Factor` or an `Iteration` will do.
/// `made` is B y, needed where `output_made` gives one.
#[pyfunction]
#[pyo3(signature = (method, z, y, b, x, v, starts, made=None))]
#[allow(clippy::too_many_arguments)]
pub fn export_decomposition<'py>(
    py: Python<'py>,
    method: &str,
    z: Given<'py>,
    y: Given<'py>,
    b: Solving<'py>,
    x: Given<'py>,
    v: Given<'py>,
    starts: Vec<usize>,
    made: Option<Given<'py>>,
) -> PyResult<Terms<'py>> {
    let method = exports::method(method)?;
    Parts { z, y, b, x, v, starts, made }.decompose(py, |economy| method.terms_of(economy))
}

/// Defines the function of one kernel: its terms, and gross exports.
macro_rules! bound {
    ($(#[$doc:meta])* $name:ident => $kernel:expr) => {
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (z, y, b, x, v, starts, made=None))]
        #[allow(clippy::too_many_arguments)]
        pub fn $name<'py>(
            py: Python<'py>,
            z: Given<'py>,
            y: Given<'py>,
            b: Solving<'py>,
            x: Given<'py>,
            v: Given<'py>,
            starts: Vec<usize>,
            made: Option<Given<'py>>,
        ) -> PyResult<Terms<'py>> {
            Parts { z, y, b, x, v, starts, made }.decompose(py, $kernel)
        }
    };
}

bound!(
    /// Sixteen terms by row and partner (n, G, 16), and gross exports (n, G).
    exports_wwz => |economy| exports::method("wwz")?.terms_of(economy)
);
bound!(
    /// Nine terms by row and partner (n, G, 9), and gross exports (n, G).
    exports_bm_source => |economy| exports::method("bm_source")?.terms_of(economy)
);
bound!(
    /// Nine terms by row and partner (n, G, 9), and gross exports (n, G).
    exports_bm_sink => |economy| exports::method("bm_sink")?.terms_of(economy)
);
bound!(
    /// Six terms by row and partner (n, G, 6), and gross exports (n, G).
    exports_bm_world => |economy| exports::method("world")?.terms_of(economy)
);
bound!(
    /// Four terms by row and partner (n, G, 4), and gross exports (n, G).
    exports_tripartite => |economy| exports::method("tripartite")?.terms_of(economy)
);
bound!(
    /// Nine terms by exporter (G, 9), and gross exports (n, G).
    exports_kww => |economy| exports::method("kww")?.terms_of(economy)
);
bound!(
    /// Value added of each row in the gross exports of each region (n, G), and gross exports (n, G).
    exports_content => |economy| Ok(exports::content(economy)?.into_dyn())
);
