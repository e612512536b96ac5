//! Computing and moving bytes at the same time.
//!
//! Bulk goes in batches. While the calling thread writes or reads one, rayon's pool computes the next one or the one before. There are
//! two batches in memory at most, and whatever fails ends both sides before the next batch. Batches are written, and taken, in order:
//! this module never changes what is sent.

use rayon::in_place_scope;

/// Sends something of every job: `make` runs in the pool, a batch ahead of `write`, which runs here.
///
/// # Errors
/// The first one of `make` or `write`.
pub(crate) fn send<J: Send, B: Send, E: Send>(
    jobs: impl IntoIterator<Item = J>,
    mut make: impl FnMut(J) -> Result<B, E> + Send,
    mut write: impl FnMut(B) -> Result<(), E>,
) -> Result<(), E> {
    let mut ready: Option<B> = None;
    for job in jobs.into_iter().map(Some).chain([None]) {
        let mut made = None;
        in_place_scope(|scope| {
            if let Some(job) = job {
                scope.spawn(|_| made = Some(make(job)));
            }
            ready.take().map_or(Ok(()), &mut write)
        })?;
        ready = made.transpose()?;
    }
    Ok(())
}

/// Receives something for every job: `read` runs here, a batch ahead of `take`, which runs in the pool.
///
/// # Errors
/// The first one of `read` or `take`; of the batch that came first, if both fail.
pub(crate) fn receive<J, B: Send, E: Send>(
    jobs: impl IntoIterator<Item = J>,
    mut read: impl FnMut(J) -> Result<B, E>,
    mut take: impl FnMut(B) -> Result<(), E> + Send,
) -> Result<(), E> {
    let mut arrived: Option<B> = None;
    for job in jobs.into_iter().map(Some).chain([None]) {
        let mut taken = Ok(());
        let next = in_place_scope(|scope| {
            if let Some(batch) = arrived.take() {
                scope.spawn(|_| taken = take(batch));
            }
            job.map(&mut read).transpose()
        });
        taken?;
        arrived = next?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::sync::Arc;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Barrier;

    /// Counts how many of its kind there are at most.
    struct Counted(Arc<[AtomicUsize; 2]>);

    impl Counted {
        fn new(counts: &Arc<[AtomicUsize; 2]>) -> Self {
            let now = counts[0].fetch_add(1, Ordering::SeqCst) + 1;
            counts[1].fetch_max(now, Ordering::SeqCst);
            Self(counts.clone())
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0[0].fetch_sub(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn batches_keep_their_order_and_are_few() {
        let counts = Arc::<[AtomicUsize; 2]>::default();
        let mut sent = Vec::new();
        send(
            0..50,
            |job| Ok::<_, ()>((job, Counted::new(&counts))),
            |(job, _)| {
                sent.push(job);
                Ok(())
            },
        )
        .expect("nothing fails");
        let mut received = Vec::new();
        receive(
            sent,
            |job| Ok::<_, ()>((job, Counted::new(&counts))),
            |(job, _)| {
                received.push(job);
                Ok(())
            },
        )
        .expect("nothing fails");
        assert_eq!(received, (0..50).collect::<Vec<_>>());
        assert_eq!(counts.each_ref().map(|count| count.load(Ordering::SeqCst)), [0, 2]);
    }

    /// Each side waits for the other one: without overlap this would not end.
    #[test]
    fn both_sides_run_at_once() {
        let meeting = Barrier::new(2);
        // The first batch is made, and the last one taken, with nobody beside.
        let first = |job| {
            if job > 0 {
                meeting.wait();
            }
            Ok::<_, ()>(job)
        };
        let second = |job| {
            if job < 3 {
                meeting.wait();
            }
            Ok(())
        };
        send(0..4, first, second).expect("nothing fails");
        receive(0..4, first, second).expect("nothing fails");
    }

    #[test]
    fn whatever_fails_ends_both() {
        let fail_at = |at: usize| move |job: usize| if job == at { Err(at) } else { Ok(job) };
        let mut made = 0;
        let make = |job| {
            made += 1;
            Ok(job)
        };
        assert_eq!(send(0..100, make, |job| fail_at(7)(job).map(|_| ())), Err(7));
        assert_eq!(made, 9, "one batch ahead of the seven that were written and the one that was not");
        assert_eq!(send(0..100, fail_at(7), |_| Ok(())), Err(7));

        // Number 7 is being read while number 6 fails: what came first is to blame.
        let mut read = Vec::new();
        let reading = |job| {
            read.push(job);
            fail_at(7)(job)
        };
        assert_eq!(receive(0..100, reading, |job| fail_at(6)(job).map(|_| ())), Err(6));
        assert_eq!(read.len(), 8);
        assert_eq!(receive(0..100, fail_at(7), |_| Ok(())), Err(7));
    }

    #[test]
    fn a_pool_of_one_thread_that_calls_from_within_gets_to_the_end() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        let mut sum = 0;
        pool.install(|| {
            send(0..10, Ok::<_, ()>, |job| {
                sum += job;
                Ok(())
            })
        })
        .expect("nothing fails");
        assert_eq!(sum, 45);
    }
}
