//! What the machine offers: BLAS, loops over vectors, passes over wide matrices, threads, memory, random numbers. No economics.

pub mod anderson;
pub mod blas;
pub mod interrupt;
pub mod lanes;
pub mod memory;
pub mod passes;
pub mod pool;
pub mod random;
pub mod simd;
pub mod streams;
