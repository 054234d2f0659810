//! A table as Python hands it over: a tuple of five.

use ndarray::ArrayView2;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::arrays::{Flows, Given};
use super::solver::Solving;
use crate::error::{Result, expect_shape};
use crate::leontief::Solver;
use crate::machine::simd::Cell;
use crate::table::{Blocks, Table, Value};

/// Rows of regions: the number of sectors of each, or the first row of each and, last, the number of rows.
enum Sizes {
    Equal(usize),
    Bounds(Vec<usize>),
}

impl<'py> FromPyObject<'_, 'py> for Sizes {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(bounds) = object.extract() { Ok(Self::Bounds(bounds)) } else { Ok(Self::Equal(object.extract()?)) }
    }
}

impl Sizes {
    fn blocks(&self, n: usize) -> Result<Blocks> {
        match self {
            Self::Equal(sectors) => Blocks::equal(n, *sectors),
            Self::Bounds(bounds) => Blocks::new(bounds.clone(), n),
        }
    }
}

/// `(z, y, x, va, sectors)`: a table, with flows in double precision or as they are stored.
pub struct Arrays<'py, Z = Given<'py>> {
    pub z: Z,
    y: Given<'py>,
    x: Given<'py>,
    va: Given<'py>,
    sectors: Sizes,
}

/// A table whose flows may be stored in single precision.
pub type Stored<'py> = Arrays<'py, Flows<'py>>;

impl<'py, Z: for<'a> FromPyObject<'a, 'py, Error = PyErr>> FromPyObject<'_, 'py> for Arrays<'py, Z> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let parts = object.cast::<PyTuple>().ok().filter(|parts| parts.len() == 5);
        let parts = parts.ok_or_else(|| {
            PyTypeError::new_err(
                "a table is a tuple of five: z (n, n), y (n, G), x (n,), va (n,) and the number of sectors (or first rows)",
            )
        })?;
        Ok(Self {
            z: part(parts, 0, "z")?,
            y: part(parts, 1, "y")?,
            x: part(parts, 2, "x")?,
            va: part(parts, 3, "va")?,
            sectors: part(parts, 4, "sectors")?,
        })
    }
}

/// One part of a tuple; an error of its type names it.
fn part<'py, T: for<'a> FromPyObject<'a, 'py, Error = PyErr>>(
    parts: Borrowed<'_, 'py, PyTuple>,
    place: usize,
    name: &str,
) -> PyResult<T> {
    let py = parts.py();
    parts.get_item(place)?.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyTypeError>(py) {
            PyTypeError::new_err(format!("{name}: {}", error.value(py)))
        } else {
            error
        }
    })
}

/// What may stand beside a table: a factor per unit of output in place of value added, and B y where it isn't x.
#[derive(Default)]
pub struct Beside<'a, 'py> {
    pub weights: Option<&'a Given<'py>>,
    pub made: Option<&'a Given<'py>>,
}

impl<Z> Arrays<'_, Z> {
    /// The checked table with these flows.
    pub fn table<'a, T: Cell>(&'a self, z: ArrayView2<'a, T>, beside: &Beside) -> Result<Table<'a, T>> {
        let blocks = self.sectors.blocks(z.nrows())?;
        let (x, va) = (self.x.vector("x")?, self.va.vector("va")?);
        expect_shape("va", va.shape(), &[blocks.n()])?;
        let weights = beside.weights.map(|weights| weights.vector("weights")).transpose()?;
        if let Some(weights) = &weights {
            expect_shape("weights", weights.shape(), &[blocks.n()])?;
        }
        let value = weights.as_ref().map_or(Value::Added(va.view()), |weights| Value::PerOutput(weights.view()));
        let made = beside.made.map(|made| made.vector("made")).transpose()?;
        Table::new(blocks, z, self.y.matrix("y")?, x.view(), value)?.with_made(made)
    }
}

impl Arrays<'_> {
    /// The checked table in double precision.
    pub fn double(&self, beside: &Beside) -> Result<Table<'_>> {
        self.table(self.z.matrix("z")?, beside)
    }

    /// Run a kernel with the table and a solver of its order.
    pub fn solved<T: Send>(
        &self,
        py: Python<'_>,
        solver: &Solving,
        beside: &Beside,
        kernel: impl FnOnce(&Table, &dyn Solver) -> Result<T> + Send,
    ) -> PyResult<T> {
        let table = self.double(beside)?;
        solver.apply(py, |solver| {
            expect_shape("factor", &[solver.order()], &[table.blocks.n()])?;
            kernel(&table, solver)
        })
    }
}
