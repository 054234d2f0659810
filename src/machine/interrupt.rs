//! Stopping long kernels: they ask here between blocks of work.
//!
//! A call of the core has a token, which its thread of work carries; whoever waits for the call may stop it, and
//! `stop_all` stops every call that runs. Where nobody waits, as the caller works itself, its token looks around every so
//! often. Asked for on the call's own thread alone: what runs side by side is short.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How often a call looks whether it is to end.
pub const LOOK: Duration = Duration::from_millis(50);

/// How often all calls have been stopped.
static STOPS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static CURRENT: RefCell<Option<Work>> = const { RefCell::new(None) };
}

/// One call of the core.
pub struct Token {
    stopped: AtomicBool,
    /// `STOPS` when the call began.
    since: usize,
}

/// What a thread works on.
#[derive(Clone)]
struct Work {
    token: Arc<Token>,
    /// What tells a thread that works for itself whether to stop.
    stop: Option<fn() -> bool>,
    looked: Instant,
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

    /// Work under this token; with `stop`, asked every so often, where nobody waits who could ask. A thread that waits for
    /// parts of one call may take up another call meanwhile, so the token before is put back.
    pub fn during<T>(self: Arc<Self>, stop: Option<fn() -> bool>, work: impl FnOnce() -> T) -> T {
        let _before = Restore(CURRENT.replace(Some(Work { token: self, stop, looked: Instant::now() })));
        work()
    }
}

struct Restore(Option<Work>);

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
    let due = CURRENT.with_borrow_mut(|work| {
        let work = work.as_mut()?;
        let stop = work.stop.filter(|_| work.looked.elapsed() >= LOOK);
        work.looked = if stop.is_some() { Instant::now() } else { work.looked };
        Some((work.token.clone(), stop))
    });
    let Some((token, stop)) = due else { return Ok(()) };
    // Nothing is borrowed here: a signal handler may call the core.
    if stop.is_some_and(|stop| stop()) {
        token.stop();
    }
    if token.is_stopped() { Err(Error::Interrupted) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_hears_its_own_token_and_the_one_for_all() {
        let (outer, inner) = (Token::new(), Token::new());
        assert_eq!(check(), Ok(()));
        outer.clone().during(None, || {
            inner.clone().during(None, || {
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
            (before.during(None, check), unheard, Token::new().during(None, check)),
            (Err(Error::Interrupted), Ok(()), Ok(()))
        );
    }

    #[test]
    fn who_works_alone_looks_around_now_and_then() {
        Token::new().during(Some(|| true), || {
            assert_eq!(check(), Ok(()));
            std::thread::sleep(LOOK);
            assert_eq!((check(), check()), (Err(Error::Interrupted), Err(Error::Interrupted)));
        });
        assert_eq!(check(), Ok(()));
    }
}
