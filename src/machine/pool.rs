//! The threads of the core: a pool of its own for each process.
//!
//! A forked child has none of its parent's threads, and would wait for them without end. So a pool belongs to the process
//! that made it, and a child makes its own at its first call; what it inherited is left as it lies. Rayon's implicit pool
//! is never used: all kernels run through `run`.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::interrupt::Token;
use crate::error::{Error, Result};

/// Stack of a thread. OpenBLAS's recursive factorisation takes 280 KB a level, more than the usual 2 MB hold.
const STACK: usize = 32 << 20;
/// How often the waiting thread looks whether the work is to stop.
const LOOK: Duration = Duration::from_millis(50);

struct Own {
    process: u32,
    threads: ThreadPool,
}

/// The last pool that was made; it is never freed, for a thread may hold it.
static POOL: AtomicPtr<Own> = AtomicPtr::new(ptr::null_mut());

/// The pool of this process, of as many threads as RAYON_NUM_THREADS says, or as the machine has.
fn pool() -> Result<&'static ThreadPool> {
    let process = process::id();
    let last = POOL.load(Ordering::Acquire);
    // SAFETY: what POOL points to came from `Box::into_raw` below, is never freed and so lives as long as the process.
    if let Some(own) = unsafe { last.as_ref() }
        && own.process == process
    {
        return Ok(&own.threads);
    }
    let threads = ThreadPoolBuilder::new().stack_size(STACK).thread_name(|number| format!("gvckit {number}")).build();
    let threads = threads.map_err(|e| Error::Memory { message: format!("no threads can be started: {e}") })?;
    let own = Box::into_raw(Box::new(Own { process, threads }));
    if POOL.compare_exchange(last, own, Ordering::AcqRel, Ordering::Acquire).is_err() {
        // Another thread was faster, and its pool is the one.
        // SAFETY: the box that was just made, which nobody else has seen.
        drop(unsafe { Box::from_raw(own) });
    }
    pool()
}

/// Work in the threads of this process while the caller waits, and asks every so often whether to stop.
pub fn run<T: Send>(work: impl FnOnce() -> Result<T> + Send, mut stop: impl FnMut() -> bool) -> Result<T> {
    let (token, pool) = (Token::new(), pool()?);
    let (sender, receiver) = sync_channel(1);
    let outcome = pool.in_place_scope(|scope| {
        let own = token.clone();
        scope.spawn(move |_| {
            let outcome = catch_unwind(AssertUnwindSafe(|| own.during(work)));
            // The receiver waits below until this has come.
            let _ = sender.send(outcome);
        });
        loop {
            match receiver.recv_timeout(LOOK) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Timeout) if stop() => token.stop(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => unreachable!("the work sends its outcome, be it a panic"),
            }
        }
    });
    outcome.unwrap_or_else(|panic| resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::interrupt;
    use rayon::prelude::*;

    #[test]
    fn work_runs_in_the_own_pool_and_its_outcome_comes_back() {
        let sum = run(|| Ok((0..1000_u64).into_par_iter().sum::<u64>()), || false);
        assert_eq!(sum, Ok(499_500));
        assert_eq!(run(|| Ok(rayon::current_thread_index().is_some()), || false), Ok(true));
        assert_eq!(run::<()>(|| Err(Error::Interrupted), || false), Err(Error::Interrupted));
        assert!(catch_unwind(|| run::<()>(|| panic!("on purpose"), || false)).is_err());
    }

    #[test]
    fn work_that_looks_is_stopped() {
        let endless = || -> Result<()> {
            loop {
                interrupt::check()?;
            }
        };
        assert_eq!(run(endless, || true), Err(Error::Interrupted));
    }
}
