//! A client without I/O in real time, over HTTP.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::{JoinSet, LocalSet};
use wsrm_protocol::{Answer, ExchangeId, Timestamp};

use super::Client;
use super::client::LAST_WORDS;
use crate::case::{Broken, HttpResponse, Wire};
use crate::entry::ClientEnd;

/// After so long without anything to wait for a client counts as one that never ends.
const PATIENCE: Duration = Duration::from_secs(600);

/// Lets a client speak over a wire until it has come to its end, and have its last words.
///
/// What it sees of its service is what came over the wire: an exchange that breaks is an answer that is lost.
pub async fn drive(client: &mut impl Client, wire: Rc<dyn Wire>) -> ClientEnd {
    LocalSet::new().run_until(speak(client, wire)).await
}

async fn speak(client: &mut impl Client, wire: Rc<dyn Wire>) -> ClientEnd {
    let now = || Timestamp::from_origin(wire.elapsed());
    let mut running: JoinSet<(ExchangeId, Answer)> = JoinSet::new();
    let mut last = PATIENCE;
    client.start(now());
    loop {
        while let Some((exchange, request)) = client.poll_request() {
            let wire = Rc::clone(&wire);
            running.spawn_local(async move { (exchange, answer(wire.exchange(request).await)) });
        }
        if client.end().is_some() {
            last = last.min(wire.elapsed() + LAST_WORDS);
            if running.is_empty() {
                break;
            }
        }
        let due = client.poll_timeout().map_or(last, Timestamp::since_origin).min(last);
        let pause = due.saturating_sub(wire.elapsed());
        if pause.is_zero() && due == last {
            break;
        }
        tokio::select! {
            Some(Ok((exchange, answer))) = running.join_next() => client.handle_answer(now(), exchange, answer),
            () = wire.pause(pause) => client.handle_timeout(now()),
        }
    }
    let forever = || ClientEnd::Trouble(format!("it did not end within {} s", PATIENCE.as_secs()));
    client.end().unwrap_or_else(forever)
}

fn answer(result: Result<HttpResponse, Broken>) -> Answer {
    match result {
        Ok(response) => {
            let field = response.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
            let content_type = field.map(|(_, value)| value.clone());
            Answer::Response { status: response.status, content_type, body: Bytes::from(response.body) }
        }
        Err(broken) => Answer::Lost { reason: broken.to_string() },
    }
}
