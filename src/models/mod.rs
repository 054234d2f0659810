//! What would be: tables under a change.

mod anderson;
pub mod economy;
pub mod equilibrium;
pub mod extraction;
mod markets;
