//! What would be: tables under a change.

mod anderson;
pub mod equilibrium;
pub mod extraction;
mod markets;
