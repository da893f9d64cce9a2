//! What stands between two foreign stacks: applies fault rules, tells the sessions apart, and reports each exchange in
//! the form of a recording.
//!
//! No sockets here: [`Interposer`] is the [`Control`] of a [`wsrm_reference::proxy::Proxy`]. Who listens to its events
//! gets every exchange when it is over, in the form that a recording has: to write it down, to show it, to judge it.

mod judges;
mod recorder;
mod running;
mod sessions;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use wsrm_protocol::Timestamp;
use wsrm_reference::proxy::{Control, Direction, Order, Passage, Progress};

use crate::fault_rule::{FaultInjector, RuleCount};
use crate::recording::{Exchange, HttpMessage};
pub use judges::{JudgedSession, SessionJudges};
pub use recorder::{Recorder, RecorderConfig};
use running::Running;
pub use sessions::SessionId;
use sessions::Sessions;

/// Something that happened between the two sides.
#[derive(Debug, Clone, PartialEq)]
pub enum ProxyEvent {
    /// An exchange is over.
    Exchange(Box<ProxiedExchange>),
    /// A client sent what is no HTTP request, or too much.
    Refused {
        /// When, from the start of the proxy.
        at: Duration,
        /// The connection.
        connection: u64,
        /// Why.
        why: String,
    },
}

/// An exchange that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct ProxiedExchange {
    /// Which, counted from 1 in the order of the requests.
    pub ordinal: u64,
    /// When it was over, from the start of the proxy.
    pub ended: Duration,
    /// The session that its request belongs to; `None` where it belongs to none.
    pub session: Option<SessionId>,
    /// Whether no other exchange of its session is under way.
    pub is_alone: bool,
    /// Its messages, its times and what was done to it. Its number counts within the session.
    pub messages: Messages,
    /// Why there is no response of the service's.
    pub failure: Option<String>,
}

/// The messages of an exchange.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "the small one is rare")]
pub enum Messages {
    /// As a recording has them.
    Readable {
        /// The exchange.
        exchange: Exchange,
        /// A response that is no HTTP message, as far as it came.
        broken_response: Option<Bytes>,
    },
    /// The request is framed as HTTP, and more cannot be read.
    Unreadable {
        /// The number of the exchange within its session.
        number: u32,
        /// The request.
        request: Bytes,
        /// The response.
        response: Option<Bytes>,
    },
}

/// How exchanges are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouping {
    /// Each session for itself, and one more group for all that belongs to none.
    #[default]
    Sessions,
    /// All as one.
    Whole,
}

/// Who is told what happens; must not block for long.
pub type Observer = Box<dyn FnMut(ProxyEvent) + Send>;

/// Decides what becomes of the messages between two sides, by rules, and reports them.
pub struct Interposer {
    injector: FaultInjector,
    sessions: Sessions,
    running: HashMap<u64, Running>,
    observer: Observer,
    /// How often each rule was at work, for who asks when the proxy has taken this.
    counts: Arc<Mutex<Vec<RuleCount>>>,
}

/// Reads how often each rule of an [`Interposer`] was at work.
#[derive(Debug, Clone)]
pub struct RuleCounts(Arc<Mutex<Vec<RuleCount>>>);

impl RuleCounts {
    /// The counts by now, in the order of the rules.
    pub fn read(&self) -> Vec<RuleCount> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Interposer {
    /// Applies rules, and tells `observer` each exchange when it is over.
    pub fn new(injector: FaultInjector, grouping: Grouping, observer: Observer) -> Self {
        let counts = Arc::new(Mutex::new(injector.counts().collect()));
        Self { injector, sessions: Sessions::new(grouping), running: HashMap::new(), observer, counts }
    }

    /// Reads the rules' counts while the proxy has this.
    pub fn rule_counts(&self) -> RuleCounts {
        RuleCounts(Arc::clone(&self.counts))
    }

    fn request(&mut self, now: Timestamp, passage: Passage, raw: &Bytes) -> Order {
        let message = HttpMessage::parse(raw).ok();
        let injection = self.injector.handle_message(now, passage, raw, message.as_ref());
        let place = self.sessions.place(passage.exchange, message.as_ref());
        let running = Running::new(now, passage, place, raw.clone(), message, &injection);
        self.running.insert(passage.exchange, running);
        injection.order
    }

    fn response(&mut self, now: Timestamp, passage: Passage, raw: &Bytes) -> Order {
        let message = HttpMessage::parse(raw).ok();
        let injection = self.injector.handle_message(now, passage, raw, message.as_ref());
        if let Some(running) = self.running.get_mut(&passage.exchange) {
            if let Some(message) = &message {
                self.sessions.learn(running.session(), message);
            }
            running.response(now, raw.clone(), message, &injection);
        }
        injection.order
    }
}

impl Control for Interposer {
    fn handle_message(&mut self, now: Timestamp, passage: Passage, message: &Bytes) -> Order {
        match passage.direction {
            Direction::Request => self.request(now, passage, message),
            Direction::Response => self.response(now, passage, message),
        }
    }

    fn handle_progress(&mut self, now: Timestamp, passage: Passage, progress: Progress) {
        if progress == Progress::Delivered {
            self.injector.handle_delivered(now, passage);
        }
        if let Some(running) = self.running.get_mut(&passage.exchange) {
            running.progress(now, passage.direction, progress);
        }
    }

    fn handle_end(&mut self, now: Timestamp, exchange: u64) {
        self.injector.handle_end(exchange);
        let Some(running) = self.running.remove(&exchange) else { return };
        let rules: Vec<RuleCount> = self.injector.counts().collect();
        let is_alone = self.running.values().all(|other| other.session() != running.session());
        let event = ProxyEvent::Exchange(Box::new(running.finish(now, &rules, is_alone)));
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = rules;
        (self.observer)(event);
    }

    fn handle_refusal(&mut self, now: Timestamp, connection: u64, why: &str) {
        let at = now.since_origin();
        (self.observer)(ProxyEvent::Refused { at, connection, why: why.to_owned() });
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.injector.handle_timeout(now);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.injector.poll_timeout()
    }

    fn poll_release(&mut self) -> Option<Passage> {
        self.injector.poll_release()
    }
}
