//! What the machine offers: BLAS, loops over vectors, passes over wide matrices, random numbers, Ctrl-C. No economics.

pub mod blas;
pub mod interrupt;
pub mod memory;
pub mod passes;
pub mod random;
pub mod simd;
