//! Whole sessions, our client against our server.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wsrm_protocol::{OutgoingMessage, ReliableSessionSettings, SessionError};
use wsrm_reference::{Client, ClientError, Contract, HostEvent, contract};
use wsrm_wire::{RmVersion, WireProfile};

use crate::support::{PATIENCE, Recipe, Service, configuration};

/// The contracts, their names, and which operation takes message `n`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Echo,
    OneWay,
    Mixed,
}

impl Kind {
    pub(crate) fn contract(self) -> Contract {
        match self {
            Self::Echo => Contract::echo(),
            Self::OneWay => Contract::one_way(),
            Self::Mixed => Contract::mixed(),
        }
    }

    fn is_two_way(self, n: u64) -> bool {
        match self {
            Self::Echo => true,
            Self::OneWay => false,
            Self::Mixed => n % 2 == 1,
        }
    }

    fn message(self, n: u64) -> OutgoingMessage {
        let operation = if self.is_two_way(n) { "Echo" } else { "Send" };
        let body = contract::request_body(operation, &text(n));
        OutgoingMessage { action: self.contract().action(operation), body }
    }

    /// Sends message `n` and sees that its reply is its own.
    async fn transfer(self, client: &Client, n: u64) {
        let message = self.message(n);
        if self.is_two_way(n) {
            let reply = timeout(PATIENCE, client.call(message)).await.unwrap().unwrap();
            assert_eq!(reply.body.xml, contract::reply_body("Echo", &text(n)).xml);
        } else {
            timeout(PATIENCE, client.send(message)).await.unwrap().unwrap();
        }
    }
}

pub(crate) fn text(n: u64) -> String {
    format!("message {n} <&>")
}

pub(crate) async fn open(service: &Service, url: &str, kind: Kind) -> Client {
    let config = configuration(url, service.profile, service.settings.clone(), kind.contract().pattern());
    timeout(PATIENCE, Client::open(config)).await.unwrap().unwrap()
}

/// Sends that many messages, `parallel` at a time, and closes.
pub(crate) async fn run(client: Client, kind: Kind, messages: u64, parallel: usize) -> Client {
    let client = Arc::new(client);
    let mut calls = JoinSet::new();
    for n in 1..=messages {
        if calls.len() >= parallel {
            calls.join_next().await.unwrap().unwrap();
        }
        let client = Arc::clone(&client);
        calls.spawn(async move { kind.transfer(&client, n).await });
    }
    calls.join_all().await;
    timeout(PATIENCE, client.close()).await.unwrap().unwrap();
    Arc::into_inner(client).unwrap()
}

/// What the service was given, in its order, and how its sessions ended.
pub(crate) fn delivered(service: &Service) -> (Vec<String>, Vec<Option<SessionError>>) {
    let (mut texts, mut ends) = (Vec::new(), Vec::new());
    for event in service.events.try_iter() {
        match event {
            HostEvent::OperationStarted { name, delivery, .. } => {
                let text = contract::read_text(&delivery.body, &name.unwrap(), 0).unwrap().unwrap();
                texts.push(text.into_owned());
            }
            HostEvent::SessionEnded { error, .. } => ends.push(error),
            _ => {}
        }
    }
    (texts, ends)
}

fn recipe(kind: Kind, profile: WireProfile, ordered: bool) -> Recipe {
    let settings = ReliableSessionSettings::new(profile.rm).with_ordered(ordered);
    Recipe { profile, settings, ..Recipe::new(kind.contract()) }
}

#[rstest]
#[tokio::test]
async fn every_profile_pattern_and_order(
    #[values(Kind::Echo, Kind::OneWay, Kind::Mixed)] kind: Kind,
    #[values(true, false)] ordered: bool,
) {
    for profile in WireProfile::all() {
        let service = recipe(kind, profile, ordered).start().await;
        let client = run(open(&service, &service.url, kind).await, kind, 6, 1).await;
        let (texts, _) = delivered(&service);
        assert_eq!(texts, (1..=6).map(text).collect::<Vec<_>>(), "{profile}");
        let statistics = client.statistics();
        assert_eq!(
            (statistics.messages, statistics.retransmissions, statistics.lost),
            (6, 0, 0),
            "{profile}"
        );
        assert_eq!(statistics.connections, 1, "{profile}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_messages_at_a_time(
    #[values(Kind::Echo, Kind::OneWay, Kind::Mixed)] kind: Kind,
    #[values(RmVersion::February2005, RmVersion::V200702)] rm: RmVersion,
    #[values(true, false)] ordered: bool,
) {
    let profile = WireProfile { rm, ..WireProfile::default() };
    let mut recipe = recipe(kind, profile, ordered);
    recipe.settings.max_transfer_window_size = 32;
    // Over several connections requests overtake each other. An ordered two-way service does not take the later
    // one, which then waits for its retransmission: true to WCF, and slow.
    let messages = if ordered && !matches!(kind, Kind::OneWay) { 12 } else { 200 };
    let service = recipe.start().await;
    let client = run(open(&service, &service.url, kind).await, kind, messages, 16).await;
    let (texts, _) = delivered(&service);
    assert_eq!(texts.len() as u64, messages);
    assert_eq!(texts.into_iter().collect::<BTreeSet<_>>().len() as u64, messages);
    assert!(client.statistics().connections <= 32, "{:?}", client.statistics());
}

#[tokio::test]
async fn a_slow_operation_holds_nothing_else_up() {
    let service = recipe(Kind::Echo, WireProfile::default(), true).start().await;
    let client = open(&service, &service.url, Kind::Echo).await;
    let call = |text: &str| {
        let message = OutgoingMessage {
            action: Contract::echo().action("Echo"),
            body: contract::request_body("Echo", text),
        };
        client.call(message)
    };
    // The first acknowledgement opens the window for two.
    call("first").await.unwrap();
    let (slow, quick) = tokio::join!(call("sleep:300"), call("quick"));
    assert!(slow.unwrap().body.xml.contains("sleep:300"));
    assert!(quick.unwrap().body.xml.contains("quick"));
    client.close().await.unwrap();
}

#[tokio::test]
async fn an_application_fault_is_a_reply() {
    let service = recipe(Kind::Echo, WireProfile::default(), true).start().await;
    let client = open(&service, &service.url, Kind::Echo).await;
    let action = Contract::echo().action("Echo");
    let fault = OutgoingMessage { action, body: contract::request_body("Echo", "fault") };
    let reply = client.call(fault).await.unwrap();
    assert!(reply.is_fault && reply.body.xml.contains("app fault reason"), "{reply:?}");
    run(client, Kind::Echo, 2, 1).await;
}

#[tokio::test]
async fn abort_reaches_the_service() {
    let service = recipe(Kind::Echo, WireProfile::default(), true).start().await;
    let client = open(&service, &service.url, Kind::Echo).await;
    client.abort().await;
    let (_, ends) = delivered(&service);
    assert!(matches!(ends.as_slice(), [Some(_)]), "{ends:?}");
    let error = client.call(Kind::Echo.message(1)).await.unwrap_err();
    assert!(matches!(
        error,
        ClientError::Session { error: SessionError::Aborted | SessionError::Faulted, .. }
    ));
}

#[tokio::test]
async fn the_other_version_is_refused_with_a_reason() {
    let profile = WireProfile { rm: RmVersion::V200702, ..WireProfile::default() };
    let service = recipe(Kind::Echo, profile, true).start().await;
    let pattern = Contract::echo().pattern();
    let config =
        configuration(&service.url, WireProfile::default(), ReliableSessionSettings::default(), pattern);
    let error = timeout(PATIENCE, Client::open(config)).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("WS-ReliableMessaging 1.1"), "{error}");
}

#[tokio::test]
async fn a_dropped_client_leaves_no_connection() {
    let service = recipe(Kind::Echo, WireProfile::default(), true).start().await;
    drop(open(&service, &service.url, Kind::Echo).await);
    // Shutdown waits for connections; it has nothing to wait for.
    timeout(Duration::from_secs(4), service.server.shutdown()).await.unwrap();
}
