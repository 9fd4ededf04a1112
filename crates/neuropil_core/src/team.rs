//! A team of persistent threads that share the work inside a system.
//!
//! A phase is handed over by a counter that the others watch, 0.2–0.5 µs, where a fork and join of a general pool costs 3–14 µs:
//! at 10,000 steps a biological second that decides. Waiting threads spin briefly, then yield, then park, so that a team without
//! work costs nothing and a visual app's frame is never starved. A team larger than the machine does not spin at all.
//!
//! A worker's share of a phase is claimed before it is done. Where another program holds a core, the caller does not wait for a thread that has
//! not begun: it does that thread's share itself, so that a team on a busy machine is about as fast as one thread.

use crate::math::FlushDenormals;
use bevy_ecs::prelude::*;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

/// Polls of the hand-over counter before a waiting thread yields: about 50 µs.
const SPINS: u32 = 1500;
/// Yields before it parks: a fraction of a millisecond.
const YIELDS: u32 = 200;

type Job = *const (dyn Fn(usize) + Sync);

/// Number of the phase that was last handed out.
#[repr(align(128))]
struct Phase(AtomicU64);

/// What one worker has done.
#[derive(Default)]
#[repr(align(128))]
struct Progress {
    /// Number of the last phase of which the worker, or the caller in its stead, has begun its share.
    claimed: AtomicU64,
    /// Number of the last phase whose share the worker has finished itself.
    finished: AtomicU64,
    parked: AtomicBool,
}

impl Progress {
    /// Whether the share of this phase was still to be had: every share is claimed once, in the order of phases.
    fn claim(&self, phase: u64) -> bool {
        self.claimed.compare_exchange(phase - 1, phase, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }
}

struct Shared {
    phase: Phase,
    workers: Vec<Progress>,
    job: UnsafeCell<Option<Job>>,
    stop: AtomicBool,
    panicked: AtomicBool,
    spins: u32,
}

// SAFETY: `job` is written by the owner only between phases, when no worker reads it: a worker reads it only after it has claimed its share of
// the present phase, and the owner writes it again only after each share was claimed by itself or `finished` by its worker. A worker that comes
// late finds its share claimed and reads nothing. Exercised by the tests below.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// Worker threads, the calling thread among them as worker 0.
#[derive(Resource)]
pub struct Team {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Default for Team {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Team {
    /// A team of `workers` (at least 1, the caller among them). Threads that the system refuses are done without.
    pub fn new(workers: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let shared = Arc::new(Shared {
            phase: Phase(AtomicU64::new(0)),
            workers: (0..workers.max(1)).map(|_| Progress::default()).collect(),
            job: UnsafeCell::new(None),
            stop: AtomicBool::new(false),
            panicked: AtomicBool::new(false),
            spins: if workers > cores { 0 } else { SPINS },
        });
        let threads = (1..workers.max(1))
            .map_while(|worker| {
                let shared = shared.clone();
                std::thread::Builder::new().name(format!("neuropil {worker}")).spawn(move || work(&shared, worker)).ok()
            })
            .collect();
        Self { shared, threads }
    }

    /// Number of workers.
    pub fn size(&self) -> usize {
        self.threads.len() + 1
    }

    /// Calls `job(worker)` once for every worker, 0 on the calling thread, and returns when all have finished.
    ///
    /// A share whose thread has not begun it when the caller's own is done runs on the calling thread.
    /// Denormals are flushed to zero while the job runs. A panic in a job is passed on to the caller.
    pub fn run<F: Fn(usize) + Sync>(&mut self, job: F) {
        let flush = FlushDenormals::new();
        if self.threads.is_empty() {
            job(0);
            drop(flush);
            return;
        }
        let shared = &*self.shared;
        let erased: &(dyn Fn(usize) + Sync) = &job;
        // SAFETY: only the lifetime is erased; this function does not return, nor unwind, before every worker has finished with the job.
        let erased: Job = unsafe { std::mem::transmute::<&(dyn Fn(usize) + Sync), Job>(erased) };
        // SAFETY: the previous phase is over, see `Shared`.
        unsafe { *shared.job.get() = Some(erased) };
        let phase = shared.phase.0.load(Ordering::Relaxed) + 1;
        shared.phase.0.store(phase, Ordering::SeqCst);
        for (thread, worker) in self.threads.iter().zip(&shared.workers[1..]) {
            if worker.parked.load(Ordering::SeqCst) {
                thread.thread().unpark();
            }
        }
        let mut own = catch_unwind(AssertUnwindSafe(|| job(0)));
        for (number, worker) in shared.workers.iter().enumerate().take(self.size()).skip(1) {
            if worker.claim(phase) {
                own = catch_unwind(AssertUnwindSafe(|| job(number))).and(own);
                continue;
            }
            let mut polls = 0_u32;
            while worker.finished.load(Ordering::Acquire) != phase {
                polls = polls.saturating_add(1);
                if polls < shared.spins { std::hint::spin_loop() } else { std::thread::yield_now() }
            }
        }
        drop(flush);
        if let Err(panic) = own {
            std::panic::resume_unwind(panic);
        }
        assert!(!shared.panicked.swap(false, Ordering::Relaxed), "a worker thread panicked; its message is above");
    }
}

impl Team {
    /// Calls `job` on every worker with a part of its own, `parts[worker]`; workers without a part do nothing, and further parts are done by worker 0.
    pub fn run_parts<T: Send>(&mut self, parts: &mut [T], job: impl Fn(&mut T) + Sync) {
        if self.threads.is_empty() || parts.len() < 2 {
            let _flush = FlushDenormals::new();
            parts.iter_mut().for_each(job);
            return;
        }
        struct Base<T>(*mut T);
        // SAFETY: each worker forms a reference to one element only, its own; `T: Send`. Exercised by every test with two threads or more.
        unsafe impl<T: Send> Sync for Base<T> {}
        let (size, count) = (self.size(), parts.len());
        let base = Base(parts.as_mut_ptr());
        let base = &base;
        self.run(|worker| {
            if worker < count {
                // SAFETY: in range, and no other worker has this number.
                job(unsafe { &mut *base.0.add(worker) });
            }
        });
        parts.iter_mut().skip(size).for_each(job);
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            // A worker catches the panics of its jobs, so joining cannot fail.
            drop(thread.join());
        }
    }
}

fn work(shared: &Shared, number: usize) {
    let _flush = FlushDenormals::new();
    let own = &shared.workers[number];
    let mut seen = 0;
    loop {
        let mut polls = 0_u32;
        let phase = loop {
            let phase = shared.phase.0.load(Ordering::Acquire);
            if phase != seen {
                break phase;
            }
            if shared.stop.load(Ordering::Relaxed) {
                return;
            }
            polls = polls.saturating_add(1);
            if polls < shared.spins {
                std::hint::spin_loop();
            } else if polls < shared.spins + YIELDS {
                std::thread::yield_now();
            } else {
                own.parked.store(true, Ordering::SeqCst);
                if shared.phase.0.load(Ordering::SeqCst) == seen && !shared.stop.load(Ordering::SeqCst) {
                    std::thread::park();
                }
                own.parked.store(false, Ordering::SeqCst);
            }
        };
        seen = phase;
        if !own.claim(phase) {
            continue;
        }
        // SAFETY: the owner wrote the job before it published `phase`, and leaves it alone until this worker has finished its share.
        if let Some(job) = unsafe { *shared.job.get() } {
            // SAFETY: the owner waits in `run` for this share, so the closure is alive.
            if catch_unwind(AssertUnwindSafe(|| unsafe { (*job)(number) })).is_err() {
                shared.panicked.store(true, Ordering::Relaxed);
            }
        }
        own.finished.store(phase, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    /// Claim: every worker runs every phase exactly once, also after a pause long enough to park, with more workers than cores.
    #[test]
    fn every_worker_runs_every_phase_once() {
        for size in [1, 2, 7] {
            let mut team = Team::new(size);
            let counts: Vec<AtomicUsize> = (0..team.size()).map(|_| AtomicUsize::new(0)).collect();
            for phase in 0..200 {
                if phase == 100 {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                team.run(|worker| {
                    counts[worker].fetch_add(1, Ordering::Relaxed);
                });
            }
            assert!(counts.iter().all(|c| c.load(Ordering::Relaxed) == 200), "{size} workers: {counts:?}");
        }
    }

    /// Claim: a job's panic reaches the caller, and the team still works afterwards.
    #[test]
    fn a_panic_in_a_job_reaches_the_caller() {
        let mut team = Team::new(3);
        let outcome = catch_unwind(AssertUnwindSafe(|| team.run(|worker| assert!(worker != 2, "on purpose"))));
        assert!(outcome.is_err());
        team.run(|_| ());
    }
}
