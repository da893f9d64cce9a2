//! Work that is done side by side, so much of it at a time.

use std::future::poll_fn;
use std::task::{Context, Poll};

use super::Pending;

/// Work that has begun, and its place in the order.
type Running<'a, T> = Vec<(usize, Pending<'a, T>)>;

/// Does the work: so many pieces at a time in their order, and beside them all those that are marked, which only wait.
/// The results stand in the order of the work.
pub(crate) async fn bounded<'a, T: 'a>(
    work: Vec<(bool, impl Future<Output = T> + 'a)>,
    at_a_time: usize,
) -> Vec<T> {
    let (mut beside, mut waiting): (Running<'a, T>, Running<'a, T>) = (Vec::new(), Vec::new());
    for (place, (is_marked, work)) in work.into_iter().enumerate() {
        let into = if is_marked { &mut beside } else { &mut waiting };
        into.push((place, Box::pin(work)));
    }
    let mut waiting = waiting.into_iter();
    let mut running: Running<'a, T> = Vec::new();
    let mut done: Vec<(usize, T)> = Vec::new();
    poll_fn(|context| {
        advance(&mut beside, context, &mut done);
        loop {
            let room = at_a_time.max(1).saturating_sub(running.len());
            running.extend(waiting.by_ref().take(room));
            let ended = advance(&mut running, context, &mut done);
            if ended == 0 || waiting.len() == 0 {
                break;
            }
        }
        if beside.is_empty() && running.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Goes on with what is under way, and counts what came to its end.
fn advance<T>(running: &mut Running<'_, T>, context: &mut Context<'_>, done: &mut Vec<(usize, T)>) -> usize {
    let before = running.len();
    let mut still = Vec::with_capacity(before);
    for (place, mut work) in running.drain(..) {
        match work.as_mut().poll(context) {
            Poll::Ready(result) => done.push((place, result)),
            Poll::Pending => still.push((place, work)),
        }
    }
    *running = still;
    before - running.len()
}
