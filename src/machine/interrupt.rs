//! Ctrl-C in long kernels: they ask here between blocks of work.
//!
//! The core knows no interpreter, so the binding installs the question ("has a signal come in?").

use std::sync::OnceLock;

use crate::error::{Error, Result};

static HOOK: OnceLock<fn() -> bool> = OnceLock::new();

/// Install the question; the first call wins.
pub fn install(hook: fn() -> bool) {
    HOOK.get_or_init(|| hook);
}

/// `Err(Interrupted)` when the installed hook says that the user wants to stop.
pub fn check() -> Result<()> {
    match HOOK.get() {
        Some(hook) if hook() => Err(Error::Interrupted),
        _ => Ok(()),
    }
}
