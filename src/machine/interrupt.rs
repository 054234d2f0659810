//! Stopping long kernels: they ask here between blocks of work.
//!
//! A call of the core has a token, which its thread of work carries; whoever waits for the call may stop it, and
//! `stop_all` stops every call that runs. Asked for on the call's own thread alone: what runs side by side is short.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// How often all calls have been stopped.
static STOPS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static CURRENT: RefCell<Option<Arc<Token>>> = const { RefCell::new(None) };
}

/// One call of the core.
pub struct Token {
    stopped: AtomicBool,
    /// `STOPS` when the call began.
    since: usize,
}

impl Token {
    /// Of a call that begins now.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { stopped: AtomicBool::new(false), since: STOPS.load(Ordering::Relaxed) })
    }

    /// Have the call end at its next look.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || STOPS.load(Ordering::Relaxed) != self.since
    }

    /// Work under this token. A thread that waits for parts of one call may take up another call meanwhile, so the token
    /// before is put back.
    pub fn during<T>(self: Arc<Self>, work: impl FnOnce() -> T) -> T {
        let _before = Restore(CURRENT.replace(Some(self)));
        work()
    }
}

struct Restore(Option<Arc<Token>>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Stop every call that runs now, in whatever thread.
pub fn stop_all() {
    STOPS.fetch_add(1, Ordering::Relaxed);
}

/// `Err(Interrupted)` when the call on this thread is to end.
pub fn check() -> Result<()> {
    let stopped = CURRENT.with_borrow(|token| token.as_ref().is_some_and(|token| token.is_stopped()));
    if stopped { Err(Error::Interrupted) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_hears_its_own_token_and_the_one_for_all() {
        let (outer, inner) = (Token::new(), Token::new());
        assert_eq!(check(), Ok(()));
        outer.clone().during(|| {
            inner.clone().during(|| {
                outer.stop();
                assert_eq!(check(), Ok(()));
                inner.stop();
                assert_eq!(check(), Err(Error::Interrupted));
            });
            assert_eq!(check(), Err(Error::Interrupted));
        });
        let (before, unheard) = (Token::new(), check());
        stop_all();
        assert_eq!(
            (before.during(check), unheard, Token::new().during(check)),
            (Err(Error::Interrupted), Ok(()), Ok(()))
        );
    }
}
