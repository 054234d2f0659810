//! What would be: tables under a change.

pub mod economy;
pub mod equilibrium;
pub mod extraction;
mod markets;
