//! What-ifs.

mod anderson;
pub mod equilibrium;
