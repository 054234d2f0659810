//! Composite indices: indicators are normalised, weighed and averaged over nested levels.
//!
//! Rows are units (years, countries), columns indicators. NaN is a missing value: the weights of the others are scaled
//! up within their level, and coverage says how much of the nominal weight was there.

mod design;
mod draws;
mod normalise;
mod tree;

pub use design::{Composite, Design, composite};
pub use draws::{Choice, Errors, Spread, bands, evaluate, simulate};
pub use normalise::Normalisation;
pub use tree::{Mean, Tree};
