//! Input coefficients, Leontief and Ghosh inverses, and solves in their place.

mod checks;
mod coefficients;
mod eliminate;
mod factor;
mod inverse;
mod iterate;
mod local;
mod pack;
mod solver;

pub use checks::{EXTRACTION_RESIDUAL, failure};
pub use coefficients::{Coefficients, input_coefficients, output_coefficients};
pub use factor::{Factor, factor};
pub use inverse::{Inverse, Route, ghosh_inverse, inverse_of_flows, leontief_inverse};
pub use iterate::{Iteration, has_no_negative};
pub use local::{Local, local_inverse};
pub use solver::{Solver, output_made};
