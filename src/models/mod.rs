//! What would be: tables under a change.

pub mod extraction;
