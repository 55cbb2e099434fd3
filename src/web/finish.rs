//! Work that is finished also when nobody waits for it any more: an aggregator that hangs up must not break off what a
//! hop has begun. While somebody waits it runs in their task, which spares every hop a task of its own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use tokio::runtime::Handle;

/// The work broke off by a panic. The place is in the log; the panic's own words may hold what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

/// Work that goes on in the background when it is dropped before its end.
#[must_use = "work does nothing until it is awaited or dropped"]
pub struct Finish<T: Send + 'static>(Option<BoxFuture<'static, T>>);

impl<T: Send + 'static> Finish<T> {
    /// Boxes the work: it is some kilobytes, and whoever waits for it would be moved about with room for it.
    pub fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl<T: Send + 'static> Future for Finish<T> {
    type Output = Result<T, Panicked>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.0 else { return Poll::Pending };
        // Caught here and not by a future around the work, which would be moved into its box twice.
        let ended = match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => Ok(result),
            Err(_) => Err(Panicked),
        };
        self.0 = None;
        Poll::Ready(ended)
    }
}

impl<T: Send + 'static> Drop for Finish<T> {
    fn drop(&mut self) {
        if let (Some(rest), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_gives_its_result_to_whoever_waits() {
        assert_eq!(Finish::new(async { 7 }).await, Ok(7));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_is_finished() {
        let (go, may_go) = oneshot::channel();
        let (done, finished) = oneshot::channel();
        let mut work = Finish::new(async move {
            may_go.await.expect("the test lets it go");
            done.send("finished").expect("the test listens");
        });
        assert!(futures_util::poll!(&mut work).is_pending(), "it has begun");
        drop(work);
        go.send(()).expect("it goes on");
        assert_eq!(finished.await, Ok("finished"));
    }

    #[tokio::test]
    async fn work_that_panics_says_so() {
        assert_eq!(Finish::new(async { panic!("on purpose") }).await, Err::<(), _>(Panicked));
    }
}
