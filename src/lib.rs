//! Global value chain measures over multi-regional input-output (MRIO) tables.
//!
//! Notation, used through the crate (G regions, N sectors, n = G N rows, row = region * N + sector):
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | `z` | n x n | intermediate flows, the row sells to the column |
//! | `y` | n x G | final demand by consuming region |
//! | `x` | n | gross output, `z 1 + y 1` |
//! | `va`, `v` | n | value added `x - 1'z`, and `va / x` |
//! | `a` | n x n | input coefficients `z diag(x)^-1`, a column with `x = 0` is 0 |
//! | `a^D`, `a^F` | n x n | the domestic (diagonal) blocks of `a`, and the rest |
//! | `b` | n x n | global Leontief inverse `(I - a)^-1` |
//! | `l` | G blocks N x N | local Leontief inverses `(I - a^D)^-1` |
//!
//! `machine` knows no economics; `leontief` solves; `measures` and `models` say what of a table is computed, and `bind` hands
//! it to Python. Rust sees no label: a row is a number here, and the Python layer gives it its name.

#![deny(unsafe_op_in_unsafe_fn)]

pub mod balance;
pub mod error;
pub mod index;
pub mod leontief;
pub mod machine;
pub mod measures;
pub mod models;
pub mod options;
pub mod read;
pub mod table;

#[cfg(feature = "python")]
mod bind;
