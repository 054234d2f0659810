//! Arrays as Python hands them over: in any order of memory, with any strides, unaligned, read-only, of any numbers.
//!
//! Kernels take views of float64 that may lie in any way. What can't be seen as such (other numbers, unaligned memory,
//! fields of records) is copied here.

use ndarray::{Array1, ArrayView1, ArrayView2, Ix1, Ix2};
use numpy::{
    Element, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArray,
    PyUntypedArrayMethods, dtype,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::{PyTypeInfo, intern};

use crate::error::{Error, Result};
use crate::machine::memory;

/// An array of numbers.
pub struct Given<'py>(PyReadonlyArrayDyn<'py, f64>);

impl<'py> FromPyObject<'_, 'py> for Given<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let array = expect_array(&object)?;
        if let Some(found) = as_it_lies(array) {
            return Ok(Self(found));
        }
        let (rows, length) = (array.shape().first().copied().unwrap_or(1), array.len());
        memory::expect("a copy as float64", rows, &[("the array", length as f64)])?;
        let options = PyDict::new(object.py());
        options.set_item(intern!(object.py(), "order"), "C")?;
        let copy = array.call_method("astype", (dtype::<f64>(object.py()),), Some(&options))?;
        Ok(Self(copy.cast_into::<PyArrayDyn<f64>>()?.readonly()))
    }
}

/// A NumPy array of real numbers; whatever has labels or a mask would lose them here.
fn expect_array<'a, 'py>(object: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PyUntypedArray>> {
    let wanted = |what: String| PyTypeError::new_err(format!("a NumPy array of numbers is wanted, not {what}"));
    let kind = object.get_type();
    let Ok(array) = object.cast::<PyUntypedArray>() else { return Err(wanted(kind.name()?.to_string())) };
    if !kind.is(PyUntypedArray::type_object(object.py())) && object.hasattr(intern!(object.py(), "mask"))? {
        return Err(wanted("one with a mask: fill it first".to_owned()));
    }
    let dtype = array.dtype();
    if b"biuf".contains(&dtype.kind()) { Ok(array) } else { Err(wanted(format!("one of {dtype}"))) }
}

/// The array itself if it has the type T in memory that Rust can read.
fn as_it_lies<'py, T: Element>(array: &Bound<'py, PyUntypedArray>) -> Option<PyReadonlyArrayDyn<'py, T>> {
    let array = array.cast::<PyArrayDyn<T>>().ok()?;
    let whole_steps = array.strides().iter().all(|stride| stride.unsigned_abs().is_multiple_of(size_of::<T>()));
    let readable = whole_steps && array.data().is_aligned() && !array.is_empty();
    readable.then(|| array.readonly())
}

impl Given<'_> {
    /// As a matrix; `what` names it in an error.
    pub fn matrix(&self, what: &'static str) -> Result<ArrayView2<'_, f64>> {
        let view = self.0.as_array();
        view.into_dimensionality::<Ix2>().map_err(|_| self.dimensions(what, 2))
    }

    /// As a vector, side by side in memory of its own: vectors are small.
    pub fn vector(&self, what: &'static str) -> Result<Array1<f64>> {
        let view = self.0.as_array().into_dimensionality::<Ix1>();
        view.map(|view: ArrayView1<f64>| view.iter().copied().collect()).map_err(|_| self.dimensions(what, 1))
    }

    fn dimensions(&self, what: &'static str, wanted: usize) -> Error {
        Error::Shape { what, expected: format!("{wanted} dimensions"), got: format!("{:?}", self.0.shape()) }
    }

    /// The array in Python, as a view that the caller can't reshape.
    pub fn viewed(&self) -> PyResult<Bound<'_, PyAny>> {
        self.0.call_method0(intern!(self.0.py(), "view"))
    }
}

/// Flows in the precision in which they are stored.
pub enum Flows<'py> {
    /// float64, or made so.
    Double(Given<'py>),
    /// float32.
    Single(PyReadonlyArrayDyn<'py, f32>),
}

impl<'py> FromPyObject<'_, 'py> for Flows<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(match as_it_lies::<f32>(expect_array(&object)?) {
            Some(single) => Self::Single(single),
            None => Self::Double(object.extract()?),
        })
    }
}

/// Run a kernel over a matrix in the precision that it is stored in.
macro_rules! with_flows {
    ($flows:expr, $what:literal, $matrix:ident => $kernel:expr) => {
        match $flows {
            $crate::bind::arrays::Flows::Double(given) => {
                let $matrix = given.matrix($what)?;
                $kernel
            }
            $crate::bind::arrays::Flows::Single(given) => {
                let $matrix = $crate::bind::arrays::single(given, $what)?;
                $kernel
            }
        }
    };
}
pub(super) use with_flows;

/// A matrix in single precision.
pub fn single<'a>(given: &'a PyReadonlyArrayDyn<'_, f32>, what: &'static str) -> Result<ArrayView2<'a, f32>> {
    given.as_array().into_dimensionality::<Ix2>().map_err(|_| Error::Shape {
        what,
        expected: "2 dimensions".to_owned(),
        got: format!("{:?}", given.shape()),
    })
}
