//! A panic inside a third-party reader becomes an error, without a word on the user's screen.
//!
//! Damaged binary workbooks make calamine index out of bounds. The damage belongs to the file, so it is reported as one.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::error::{Error, Result};

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static INSTALL: Once = Once::new();

/// Run `work`; a panic in it is a `Read` error.
pub fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    INSTALL.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    QUIET.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    outcome.unwrap_or_else(|_| Err(Error::reading("is damaged: its parts don't fit together".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        let empty: Vec<u8> = Vec::new();
        assert!(matches!(guarded(|| Ok(empty[empty.len()])), Err(Error::Read { .. })));
        assert_eq!(guarded(|| Ok(1)), Ok(1));
    }
}
