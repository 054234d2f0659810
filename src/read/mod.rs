//! From the cells of a file to arrays. Layouts are recognised in Python, by the labels found here.

pub mod delimited;
pub mod flat;
pub mod grid;
pub mod guard;
pub mod limits;
pub mod scan;
pub mod sheet;
pub mod source;
mod styles;
mod xml;
