//! Rules at work.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use wsrm_protocol::Timestamp;
use wsrm_reference::proxy::{Direction, Fate, Order, Passage};

use super::{FaultAction, FaultRule, Meaning, Until, alter};
use crate::recording::HttpMessage;

/// Applies rules to messages as they come.
///
/// The caller hands in every message, tells when one was delivered and when an exchange is over, and lets go on what
/// [`FaultInjector::poll_release`] names. What chance decides hangs on the seed and on what the message is, not on
/// when it comes: with the same seed the same messages come to harm, however the connections interleave.
#[derive(Debug)]
pub struct FaultInjector {
    rules: Vec<Armed>,
    seed: u64,
    /// When the first message came.
    began: Option<Timestamp>,
    /// The meanings of the requests of running exchanges.
    requests: HashMap<u64, Meaning>,
    waiting: BTreeMap<Passage, Waiting>,
    /// Messages that are on the wire; when they are taken to have arrived.
    settling: Vec<(Timestamp, Passage)>,
    released: VecDeque<Passage>,
}

/// What is to become of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injection {
    /// For the proxy.
    pub order: Order,
    /// What the rules did to it, in their order.
    pub injected: Vec<Injected>,
}

/// One rule at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injected {
    /// The rule, counted from 0.
    pub rule: usize,
    /// What it did, such as `dropped`.
    pub what: String,
}

/// How often a rule was at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule.
    pub rule: String,
    /// How many messages it fits.
    pub fitting: u64,
    /// How many came to harm.
    pub applied: u64,
}

#[derive(Debug)]
struct Armed {
    rule: FaultRule,
    fitting: u64,
    applied: u64,
    /// How often a message with this description has come, for chance.
    attempts: HashMap<String, u64>,
}

/// A message that is held back until all conditions are met or over.
#[derive(Debug, Default)]
struct Waiting {
    conditions: Vec<Condition>,
}

#[derive(Debug)]
struct Condition {
    cause: Cause,
    /// When it is over at the latest.
    deadline: Timestamp,
}

/// What a condition waits for.
#[derive(Debug, PartialEq)]
enum Cause {
    /// Nothing but its deadline.
    Time,
    /// The next message in this direction.
    Next(Direction),
    /// So many of these to arrive.
    Overtaken { left: u32, candidates: Vec<Passage> },
    /// This one to arrive.
    Arrival(Passage),
}

/// A message that its receiver's connection has taken counts as arrived so much later, or when it is answered. On
/// other connections nothing else says which of two came first.
const SETTLING: Duration = Duration::from_millis(50);
/// How long a message waits at most for the one before it to arrive.
const BEHIND: Duration = Duration::from_secs(2);
/// Different descriptions of messages that are counted for chance.
const MAX_ATTEMPTS: usize = 1 << 16;
/// Copies of one message, however many rules make some.
const MAX_COPIES: u32 = 16;
/// Messages that may overtake one that waits.
const MAX_CANDIDATES: usize = 1024;

impl FaultInjector {
    /// Rules with a seed for what chance decides.
    pub fn new(rules: Vec<FaultRule>, seed: u64) -> Self {
        let arm = |rule| Armed { rule, fitting: 0, applied: 0, attempts: HashMap::new() };
        Self {
            rules: rules.into_iter().map(arm).collect(),
            seed,
            began: None,
            requests: HashMap::new(),
            waiting: BTreeMap::new(),
            settling: Vec::new(),
            released: VecDeque::new(),
        }
    }

    /// A message has come; `message` is `None` where the bytes are no HTTP message that can be read.
    pub fn handle_message(
        &mut self,
        now: Timestamp,
        passage: Passage,
        raw: &Bytes,
        message: Option<&HttpMessage>,
    ) -> Injection {
        if self.rules.is_empty() {
            return Injection { order: Order::pass(), injected: Vec::new() };
        }
        let began = *self.began.get_or_insert(now);
        let meaning = Meaning::of(message);
        let mut conditions = self.let_others_go_first(now, passage);
        let request = match passage.direction {
            Direction::Request => None,
            Direction::Response => {
                // A response says that its request has arrived.
                self.arrived(Passage { direction: Direction::Request, ..passage });
                self.requests.get(&passage.exchange)
            }
        };
        let mut harm = Harm::new(raw, message);
        let mut injected = Vec::new();
        for (index, armed) in self.rules.iter_mut().enumerate() {
            if !armed.rule.fits(passage.direction, &meaning, request, message) {
                continue;
            }
            // What an earlier rule has lost counts among those that fit, and cannot be lost again.
            let Some(mut random) = armed.strikes(self.seed, index, passage.direction, &meaning) else {
                continue;
            };
            if harm.is_lost() {
                continue;
            }
            armed.applied += 1;
            let limit = now + armed.rule.limit();
            let what = match armed.rule.action() {
                FaultAction::Delay(time) => {
                    conditions.push(Condition { cause: Cause::Time, deadline: now + *time });
                    format!("delayed by {}", seconds(*time))
                }
                FaultAction::Hold(Until::Time(time)) => {
                    conditions.push(Condition { cause: Cause::Time, deadline: began + *time });
                    format!("held until {}", seconds(*time))
                }
                FaultAction::Hold(Until::Next) => {
                    conditions.push(Condition { cause: Cause::Next(passage.direction), deadline: limit });
                    "held until the next".to_owned()
                }
                FaultAction::Reorder { by } => {
                    let cause = Cause::Overtaken { left: *by, candidates: Vec::new() };
                    conditions.push(Condition { cause, deadline: limit });
                    format!("sent behind the next {}", if *by == 1 { String::new() } else { by.to_string() })
                        .trim_end()
                        .to_owned()
                }
                action => harm.suffer(action, &mut random),
            };
            injected.push(Injected { rule: index, what });
        }
        if passage.direction == Direction::Request {
            self.requests.insert(passage.exchange, meaning);
        }
        conditions.retain(|condition| condition.cause != Cause::Time || condition.deadline > now);
        let mut order = harm.into_order();
        order.hold = !conditions.is_empty();
        if order.hold {
            self.waiting.insert(passage, Waiting { conditions });
        }
        Injection { order, injected }
    }

    /// A message was taken by its receiver's connection.
    pub fn handle_delivered(&mut self, now: Timestamp, passage: Passage) {
        if !self.waiting.is_empty() {
            self.settling.push((now + SETTLING, passage));
        }
    }

    /// Nothing more will happen in an exchange.
    pub fn handle_end(&mut self, exchange: u64) {
        self.requests.remove(&exchange);
        let settled: Vec<Passage> = self
            .settling
            .iter()
            .map(|(_, passage)| *passage)
            .filter(|passage| passage.exchange == exchange)
            .collect();
        settled.into_iter().for_each(|passage| self.arrived(passage));
        // What never arrived cannot be waited for.
        for waiting in self.waiting.values_mut() {
            for condition in &mut waiting.conditions {
                match &mut condition.cause {
                    Cause::Overtaken { candidates, .. } => {
                        candidates.retain(|candidate| candidate.exchange != exchange);
                    }
                    Cause::Arrival(passage) if passage.exchange == exchange => {
                        condition.deadline = Timestamp::ZERO;
                    }
                    _ => {}
                }
            }
        }
        self.waiting.retain(|passage, _| passage.exchange != exchange);
        self.release(Timestamp::ZERO);
    }

    /// Something is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let due: Vec<Passage> =
            self.settling.iter().filter(|(at, _)| *at <= now).map(|(_, passage)| *passage).collect();
        due.into_iter().for_each(|passage| self.arrived(passage));
        self.release(now);
    }

    /// When something is due.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let settling = self.settling.iter().map(|(at, _)| *at);
        let conditions = self.waiting.values().flat_map(|waiting| &waiting.conditions);
        settling.chain(conditions.map(|condition| condition.deadline)).min()
    }

    /// A message that was held and goes on now.
    pub fn poll_release(&mut self) -> Option<Passage> {
        self.released.pop_front()
    }

    /// How often each rule was at work.
    pub fn counts(&self) -> impl Iterator<Item = RuleCount> {
        self.rules.iter().map(|armed| RuleCount {
            rule: armed.rule.to_string(),
            fitting: armed.fitting,
            applied: armed.applied,
        })
    }

    /// Frees messages that wait for this one to come, and has it wait for them. Makes it one that may overtake.
    fn let_others_go_first(&mut self, now: Timestamp, passage: Passage) -> Vec<Condition> {
        let mut behind = Vec::new();
        for (held, waiting) in &mut self.waiting {
            if held.direction != passage.direction {
                continue;
            }
            waiting.conditions.retain_mut(|condition| match &mut condition.cause {
                Cause::Next(_) => {
                    behind.push(Condition { cause: Cause::Arrival(*held), deadline: now + BEHIND });
                    false
                }
                Cause::Overtaken { candidates, .. } => {
                    if candidates.len() < MAX_CANDIDATES {
                        candidates.push(passage);
                    }
                    true
                }
                _ => true,
            });
        }
        self.release(Timestamp::ZERO);
        behind
    }

    fn arrived(&mut self, passage: Passage) {
        self.settling.retain(|(_, settling)| *settling != passage);
        for waiting in self.waiting.values_mut() {
            waiting.conditions.retain_mut(|condition| match &mut condition.cause {
                Cause::Overtaken { left, candidates } => {
                    let before = candidates.len();
                    candidates.retain(|candidate| *candidate != passage);
                    if candidates.len() < before {
                        *left = left.saturating_sub(1);
                    }
                    *left > 0
                }
                Cause::Arrival(awaited) => *awaited != passage,
                _ => true,
            });
        }
        self.release(Timestamp::ZERO);
    }

    /// Frees what has no condition left, or none whose time is not over.
    fn release(&mut self, now: Timestamp) {
        let Self { waiting, released, .. } = self;
        waiting.retain(|passage, waiting| {
            waiting.conditions.retain(|condition| condition.deadline > now);
            if waiting.conditions.is_empty() {
                released.push_back(*passage);
            }
            !waiting.conditions.is_empty()
        });
    }
}

impl Armed {
    /// Counts a message that fits; the randomness for it, if it comes to harm.
    fn strikes(&mut self, seed: u64, index: usize, direction: Direction, meaning: &Meaning) -> Option<Rng> {
        self.fitting += 1;
        let description = format!("{direction:?} {} {:?}", meaning.name(), meaning.number());
        if self.attempts.len() >= MAX_ATTEMPTS {
            self.attempts.clear();
        }
        let attempt = self.attempts.entry(description.clone()).or_default();
        *attempt += 1;
        let mut random = Rng::with_seed(hash(&format!("{seed} {index} {attempt} {description}")));
        let strikes = self.rule.occurrence().strikes(self.fitting, || random.f64());
        strikes.then_some(random)
    }
}

/// What rules do to the bytes and to the end of a message.
struct Harm<'m> {
    raw: &'m Bytes,
    message: Option<&'m HttpMessage>,
    replacement: Option<Vec<u8>>,
    copies: u32,
    fate: Fate,
}

impl<'m> Harm<'m> {
    fn new(raw: &'m Bytes, message: Option<&'m HttpMessage>) -> Self {
        Self { raw, message, replacement: None, copies: 0, fate: Fate::Deliver }
    }

    /// Whether nothing further can happen to it.
    fn is_lost(&self) -> bool {
        self.fate != Fate::Deliver
    }

    fn bytes(&self) -> &[u8] {
        self.replacement.as_deref().unwrap_or(self.raw)
    }

    /// What was done, in words.
    fn suffer(&mut self, action: &FaultAction, random: &mut Rng) -> String {
        match action {
            FaultAction::Drop { hang } => {
                self.fate = Fate::Drop { hang: *hang };
                match hang.is_zero() {
                    true => "dropped".to_owned(),
                    false => format!("dropped, the connection open for {}", seconds(*hang)),
                }
            }
            FaultAction::Duplicate { times } => {
                self.copies += times;
                if *times == 1 { "duplicated".to_owned() } else { format!("duplicated {times} times") }
            }
            FaultAction::Cut { after } => {
                let length = self.bytes().len();
                let after = after.unwrap_or(length / 2).min(length);
                self.fate = Fate::Cut { after };
                format!("cut after {after} of {length} bytes")
            }
            FaultAction::Corrupt { bytes, at } => {
                let altered = alter::corrupt(self.bytes(), *bytes, *at, random);
                self.replace(altered, "corrupted", "not corrupted: no body there")
            }
            FaultAction::RewriteStatus(status) => {
                let altered = alter::rewrite_status(self.bytes(), *status);
                self.replace(altered, &format!("status rewritten to {status}"), "no status there")
            }
            FaultAction::RewriteText { from, to, all } => {
                let parsed = self.replacement.as_deref().map(HttpMessage::parse);
                let message = match &parsed {
                    Some(parsed) => parsed.as_ref().ok(),
                    None => self.message,
                };
                let altered = message.and_then(|message| alter::rewrite_text(message, from, to, *all));
                self.replace(altered, "rewritten", "not rewritten: the text is not there")
            }
            FaultAction::Answer(status) => {
                self.fate = Fate::Answer(alter::answer(*status).into());
                format!("answered {status}")
            }
            FaultAction::Delay(_) | FaultAction::Hold(_) | FaultAction::Reorder { .. } => String::new(),
        }
    }

    fn replace(&mut self, altered: Option<Vec<u8>>, done: &str, not_done: &str) -> String {
        match altered {
            Some(altered) => {
                self.replacement = Some(altered);
                done.to_owned()
            }
            None => not_done.to_owned(),
        }
    }

    fn into_order(self) -> Order {
        Order {
            hold: false,
            replacement: self.replacement.map(Bytes::from),
            copies: self.copies.min(MAX_COPIES),
            fate: self.fate,
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests;
