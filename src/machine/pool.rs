//! The threads of the core: pools of its own for each process.
//!
//! The thread that loaded the module works itself, as the first of a pool of its own: waking another one and being woken
//! again costs a tenth of a millisecond, as much as many a kernel. Calls from all other threads share a pool and wait;
//! where kernels are to take one thread, each thread works itself.
//!
//! A forked child has none of its parent's threads, and would wait for them without end. So a pool belongs to the process
//! that made it, and a child makes a shared one at its first call; what it inherited is left as it lies. Rayon's implicit
//! pool is never used: all kernels run through `run`.

use std::cell::Cell;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::blas;
use super::interrupt::{LOOK, Token};
use crate::error::{Error, Result};

/// Stack of a thread. OpenBLAS's recursive factorisation takes 280 KB a level, more than the usual 2 MB hold.
const STACK: usize = 32 << 20;

struct Own {
    process: u32,
    threads: ThreadPool,
}

/// The last shared pool that was made; it is never freed, for a thread may hold it.
static POOL: AtomicPtr<Own> = AtomicPtr::new(ptr::null_mut());

/// How a thread works, in the process of this number.
#[derive(Clone, Copy)]
enum Home {
    /// It hands its work over to the shared pool.
    Elsewhere,
    /// It works itself, once its pool is made: of so many threads, or of as many as there are.
    Chosen(u32, usize),
    /// It works itself.
    Built(u32),
}

thread_local! {
    static HOME: Cell<Home> = const { Cell::new(Home::Elsewhere) };
}

/// Have this thread work itself from now on. For the thread from which most calls come.
pub fn settle() {
    settle_with(0);
}

fn settle_with(threads: usize) {
    if matches!(HOME.get(), Home::Elsewhere) {
        HOME.set(Home::Chosen(process::id(), threads));
    }
}

/// This thread is one of several that work at once. Where they are as many as the machine's cores, each works itself and
/// alone, until `leave`: that is a third faster than kernels that take turns on all cores. Whether it is so.
pub fn join(workers: usize) -> bool {
    let alone = wanted_threads() <= workers;
    if alone {
        settle_with(1);
        blas::alone();
    }
    alone
}

/// What `join` has changed for all.
pub fn leave() {
    blas::share_again();
}

/// As many threads as RAYON_NUM_THREADS says, or as the machine has.
fn wanted_threads() -> usize {
    let said = env::var("RAYON_NUM_THREADS").ok().and_then(|number| number.parse().ok()).filter(|number| *number > 0);
    said.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
}

/// Whether this thread works itself; its pool is made at its first call.
fn is_home() -> bool {
    match HOME.get() {
        Home::Built(process) => process == process::id(),
        Home::Chosen(process, threads) if process == process::id() => {
            let built = builder().num_threads(threads).use_current_thread().build();
            // Where no threads can be started, the shared pool says so.
            HOME.set(if built.is_ok() { Home::Built(process) } else { Home::Elsewhere });
            // It lives as long as this thread, whose end nobody hears of.
            built.map(std::mem::forget).is_ok()
        }
        _ => false,
    }
}

fn builder() -> ThreadPoolBuilder {
    ThreadPoolBuilder::new().stack_size(STACK).thread_name(|number| format!("gvckit {number}"))
}

/// The shared pool of this process.
fn shared() -> Result<&'static ThreadPool> {
    let process = process::id();
    let last = POOL.load(Ordering::Acquire);
    // SAFETY: what POOL points to came from `Box::into_raw` below, is never freed and so lives as long as the process.
    if let Some(own) = unsafe { last.as_ref() }
        && own.process == process
    {
        return Ok(&own.threads);
    }
    let threads = builder().build().map_err(|e| no_threads(&e))?;
    let own = Box::into_raw(Box::new(Own { process, threads }));
    if POOL.compare_exchange(last, own, Ordering::AcqRel, Ordering::Acquire).is_err() {
        // Another thread was faster, and its pool is the one.
        // SAFETY: the box that was just made, which nobody else has seen.
        drop(unsafe { Box::from_raw(own) });
    }
    shared()
}

fn no_threads(reason: &dyn std::error::Error) -> Error {
    Error::Memory { message: format!("no threads can be started: {reason}") }
}

/// Work in the threads of this process. Every so often the caller is asked whether to stop.
pub fn run<T: Send>(work: impl FnOnce() -> Result<T> + Send, stop: fn() -> bool) -> Result<T> {
    let token = Token::new();
    if is_home() {
        return token.during(Some(stop), work);
    }
    if wanted_threads() == 1 {
        // Nobody could help, and calls from several threads would wait for the one.
        settle();
        if is_home() {
            return token.during(Some(stop), work);
        }
    }
    handed_over(&token, work, stop)
}

/// Work in the shared pool while the caller waits.
fn handed_over<T: Send>(token: &Arc<Token>, work: impl FnOnce() -> Result<T> + Send, stop: fn() -> bool) -> Result<T> {
    let pool = shared()?;
    let (sender, receiver) = sync_channel(1);
    let outcome = pool.in_place_scope(|scope| {
        let own = token.clone();
        scope.spawn(move |_| {
            let outcome = catch_unwind(AssertUnwindSafe(|| own.during(None, work)));
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

/// A factorisation by LAPACK, which recurs: in a thread of its own, for the caller's stack may be small.
pub fn with_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).map_err(|e| no_threads(&e))?;
        Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::interrupt;
    use rayon::prelude::*;

    fn no() -> bool {
        false
    }

    fn yes() -> bool {
        true
    }

    #[test]
    fn the_thread_that_settled_works_itself() {
        let work = || {
            settle();
            let own = thread::current().id();
            let here = run(|| Ok((thread::current().id(), rayon::current_thread_index())), no);
            assert_eq!(here, Ok((own, Some(0))));
            assert_eq!(run(|| Ok((0..1000_u64).into_par_iter().sum::<u64>()), no), Ok(499_500));
            assert!(catch_unwind(|| run::<()>(|| panic!("on purpose"), no)).is_err());
            let endless = || -> Result<()> {
                loop {
                    interrupt::check()?;
                }
            };
            assert_eq!(run(endless, yes), Err(Error::Interrupted));
            assert_eq!(with_deep_stack(|| thread::current().id() == own), Ok(false));
        };
        assert!(thread::spawn(work).join().is_ok());
    }

    #[test]
    fn workers_as_many_as_cores_work_alone() {
        let work = || {
            assert!(!join(0) && join(usize::MAX));
            let alone = run(|| Ok((rayon::current_num_threads(), rayon::current_thread_index())), no);
            leave();
            assert_eq!(alone, Ok((1, Some(0))));
        };
        assert!(thread::spawn(work).join().is_ok());
    }

    #[test]
    fn work_runs_in_the_own_pool_and_its_outcome_comes_back() {
        let sum = run(|| Ok((0..1000_u64).into_par_iter().sum::<u64>()), no);
        assert_eq!(sum, Ok(499_500));
        assert_eq!(run(|| Ok(rayon::current_thread_index().is_some()), no), Ok(true));
        assert_eq!(run::<()>(|| Err(Error::Interrupted), no), Err(Error::Interrupted));
        assert!(catch_unwind(|| run::<()>(|| panic!("on purpose"), no)).is_err());
    }

    #[test]
    fn work_that_looks_is_stopped() {
        let endless = || -> Result<()> {
            loop {
                interrupt::check()?;
            }
        };
        assert_eq!(run(endless, yes), Err(Error::Interrupted));
    }
}
