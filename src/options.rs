//! Options that Python names by strings: one enum each, which also lists what is allowed.

use crate::error::{Error, Result};

/// An enum whose values have names.
pub trait Named: Copy + PartialEq + 'static {
    /// What the option is called in an error.
    const OPTION: &'static str;
    /// Every value with its name, in the order in which they are listed.
    const NAMES: &'static [(&'static str, Self)];

    /// All names.
    fn names() -> Vec<&'static str> {
        Self::NAMES.iter().map(|(name, _)| *name).collect()
    }

    /// The value of a name, or an error that lists the names.
    fn parse(name: &str) -> Result<Self> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value).ok_or_else(|| Error::option(Self::OPTION, name, Self::names()))
    }

    /// The name of the value.
    fn name(self) -> &'static str {
        match Self::NAMES.iter().find(|(_, value)| *value == self) {
            Some((name, _)) => name,
            None => unreachable!("NAMES lists every value"),
        }
    }
}
