//! Decompositions of gross exports.

use numpy::{IntoPyArray, PyArray2, PyArray3, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::leontief::Factor;
use crate::exports::{self, Borin, Economy, Kww, Source, Tripartite, World, Wwz};

/// Names of the terms of a method: kww, wwz, borin_mancini, world, tripartite.
#[pyfunction]
pub fn export_terms(method: &str) -> Vec<&'static str> {
    match method {
        "kww" => Kww::NAMES.to_vec(),
        "wwz" => Wwz::NAMES.to_vec(),
        "borin_mancini" => Borin::NAMES.to_vec(),
        "world" => World::NAMES.to_vec(),
        "tripartite" => Tripartite::NAMES.to_vec(),
        _ => Vec::new(),
    }
}

/// The inverse as an array, or factors that solve in its place.
#[derive(FromPyObject)]
pub enum Inverse<'py> {
    /// B, n x n.
    Matrix(PyReadonlyArray2<'py, f64>),
    /// LU factors of I - A.
    Factor(PyRef<'py, Factor>),
}

impl Inverse<'_> {
    fn source(&self) -> Source<'_> {
        match self {
            Self::Matrix(b) => Source::Inverse(b.as_array()),
            Self::Factor(factor) => Source::Factor(&factor.0),
        }
    }
}

/// Defines the binding of one method: its terms, and gross exports.
macro_rules! bound {
    ($(#[$doc:meta])* $name:ident => $kernel:path, $terms:ty) => {
        $(#[$doc])*
        #[pyfunction]
        pub fn $name<'py>(
            py: Python<'py>,
            z: PyReadonlyArray2<'py, f64>,
            y: PyReadonlyArray2<'py, f64>,
            b: Inverse<'py>,
            x: PyReadonlyArray1<'py, f64>,
            v: PyReadonlyArray1<'py, f64>,
            starts: Vec<usize>,
        ) -> PyResult<(Bound<'py, $terms>, Bound<'py, PyArray2<f64>>)> {
            let (z, y, x, v) = (z.as_array(), y.as_array(), x.as_array(), v.as_array());
            let b = b.source();
            let (terms, sent) = py.detach(|| {
                let economy = Economy::new(z, y, b, x, v, starts)?;
                let terms = $kernel(&economy)?;
                Ok::<_, crate::error::Error>((terms, economy.exports().to_owned()))
            })?;
            Ok((terms.into_pyarray(py), sent.into_pyarray(py)))
        }
    };
}

bound!(
    /// Sixteen terms by row and partner (n, G, 16), and gross exports (n, G).
    exports_wwz => exports::wwz, PyArray3<f64>
);
bound!(
    /// Nine terms by row and partner (n, G, 9), and gross exports (n, G).
    exports_bm_source => exports::borin_mancini_source, PyArray3<f64>
);
bound!(
    /// Nine terms by row and partner (n, G, 9), and gross exports (n, G).
    exports_bm_sink => exports::borin_mancini_sink, PyArray3<f64>
);
bound!(
    /// Six terms by row and partner (n, G, 6), and gross exports (n, G).
    exports_bm_world => exports::borin_mancini_world, PyArray3<f64>
);
bound!(
    /// Four terms by row and partner (n, G, 4), and gross exports (n, G).
    exports_tripartite => exports::tripartite, PyArray3<f64>
);
bound!(
    /// Nine terms by exporter (G, 9), and gross exports (n, G).
    exports_kww => exports::kww, PyArray2<f64>
);
bound!(
    /// Value added of each row in the gross exports of each block (n, G), and gross exports (n, G).
    exports_content => exports::content, PyArray2<f64>
);
