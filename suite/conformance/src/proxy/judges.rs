//! Judges the sessions that pass, while they pass.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use wsrm_oracle::{Catalogue, Finding, MessageName, Party};

use super::{Messages, ProxiedExchange, SessionId};
use crate::judgement::{Judgement, Selection, Totals};
use crate::recording::{Exchange, Recording, Scenario};

/// A session in which nothing passed for so long is over: three times WCF's default for inactivity.
const QUIET: Duration = Duration::from_secs(30 * 60);
/// Sessions that are kept; where there are more, the one that was quiet for longest is taken to be over.
const MAX_SESSIONS: usize = 1000;
/// Exchanges of one session that are judged.
const MAX_EXCHANGES: usize = 10_000;
/// Bytes of messages that are kept of all sessions.
const MAX_BYTES: usize = 256 << 20;

/// Judges each session for itself, and what belongs to none as one more.
///
/// A session is judged each time when nothing of it is under way: what an exchange that is not over yet will turn out
/// to hold could change what the others mean. What only the end of a session can tell is judged at its end.
#[derive(Debug)]
pub struct SessionJudges {
    catalogue: Catalogue,
    selection: Selection,
    scenario: Scenario,
    sessions: HashMap<Option<SessionId>, Session>,
    /// The sessions that are over; what still comes of them is not judged.
    over: HashSet<SessionId>,
    bytes: usize,
    totals: Totals,
}

/// What is new in a session.
#[derive(Debug)]
pub struct JudgedSession {
    /// Which; `None` for what belongs to no session.
    pub session: Option<SessionId>,
    /// The findings that were not told before.
    pub findings: Vec<Finding>,
    /// The whole judgement, where the session is over.
    pub judgement: Option<Judgement>,
}

#[derive(Debug, Default)]
struct Session {
    exchanges: Vec<Exchange>,
    bytes: usize,
    /// At how many exchanges it is judged again.
    next: usize,
    told: HashSet<Key>,
    last: Duration,
}

/// What makes a finding the same as one that was told.
type Key = (String, Party, Vec<MessageName>);

impl SessionJudges {
    /// Judges what `selection` chooses. Where `client` or `service` is known to be WCF, what WCF itself is known to do
    /// is excused.
    pub fn new(catalogue: Catalogue, selection: Selection, client: &str, service: &str) -> Self {
        let scenario =
            Scenario { client: client.to_owned(), service: service.to_owned(), ..Scenario::default() };
        Self {
            catalogue,
            selection,
            scenario,
            sessions: HashMap::new(),
            over: HashSet::new(),
            bytes: 0,
            totals: Totals::default(),
        }
    }

    /// Takes an exchange that is over, and says what is new: of its session, and of sessions that had to be ended to
    /// make room.
    pub fn exchange(&mut self, passed: &ProxiedExchange) -> Vec<JudgedSession> {
        let Messages::Readable { exchange, .. } = &passed.messages else { return Vec::new() };
        if passed.session.is_some_and(|session| self.over.contains(&session)) {
            return Vec::new();
        }
        let session = self.sessions.entry(passed.session).or_default();
        session.last = passed.ended;
        if session.exchanges.len() < MAX_EXCHANGES {
            let size = bytes_of(exchange);
            session.bytes = session.bytes.saturating_add(size);
            self.bytes = self.bytes.saturating_add(size);
            session.exchanges.push(exchange.clone());
        }
        let mut news = Vec::new();
        if passed.is_alone && session.exchanges.len() >= session.next {
            // Judging begins at the first exchange each time; so a long session is judged less and less often.
            session.next = session.exchanges.len() + session.exchanges.len().div_ceil(8);
            news.extend(self.judge(passed.session));
        }
        while self.sessions.len() > MAX_SESSIONS || self.bytes > MAX_BYTES {
            let Some(quiet) = self.quietest() else { break };
            news.extend(self.end(quiet));
        }
        news
    }

    /// Ends the sessions that have been quiet for long.
    pub fn settle(&mut self, now: Duration) -> Vec<JudgedSession> {
        let is_over = |session: &Session| now.saturating_sub(session.last) >= QUIET;
        let over: Vec<_> =
            self.sessions.iter().filter(|(_, session)| is_over(session)).map(|(id, _)| *id).collect();
        over.into_iter().filter_map(|id| self.end(id)).collect()
    }

    /// Ends all sessions, and sums up.
    pub fn finish(mut self) -> (Vec<JudgedSession>, Totals) {
        let mut left: Vec<_> = self.sessions.keys().copied().collect();
        left.sort_unstable();
        let news = left.into_iter().filter_map(|id| self.end(id)).collect();
        (news, self.totals)
    }

    fn quietest(&self) -> Option<Option<SessionId>> {
        self.sessions.iter().min_by_key(|(id, session)| (session.last, **id)).map(|(id, _)| *id)
    }

    fn judge(&mut self, id: Option<SessionId>) -> Option<JudgedSession> {
        let session = self.sessions.get_mut(&id)?;
        let recording = session.recording(id, &self.scenario);
        let judgement = Judgement::so_far(&recording, subject(id), &self.catalogue, &self.selection);
        let findings = session.news(&judgement);
        (!findings.is_empty()).then_some(JudgedSession { session: id, findings, judgement: None })
    }

    fn end(&mut self, id: Option<SessionId>) -> Option<JudgedSession> {
        let mut session = self.sessions.remove(&id)?;
        self.bytes = self.bytes.saturating_sub(session.bytes);
        self.over.extend(id);
        let recording = session.recording(id, &self.scenario);
        let judgement = Judgement::of(&recording, subject(id), &self.catalogue, &self.selection);
        let findings = session.news(&judgement);
        self.totals.add(&judgement);
        Some(JudgedSession { session: id, findings, judgement: Some(judgement) })
    }
}

impl Session {
    /// What passed, in the order of the requests. What belongs to no session that is known may belong to one that was
    /// there before.
    fn recording(&self, id: Option<SessionId>, scenario: &Scenario) -> Recording {
        let mut exchanges = self.exchanges.clone();
        exchanges.sort_by_key(|exchange| exchange.number);
        let recording = Recording::new(scenario.clone(), exchanges);
        if id.is_some() { recording } else { recording.without_beginning() }
    }

    fn news(&mut self, judgement: &Judgement) -> Vec<Finding> {
        let told = &mut self.told;
        let is_new = |finding: &&Finding| {
            told.insert((finding.requirement.clone(), finding.party, finding.messages.clone()))
        };
        judgement.findings().filter(is_new).cloned().collect()
    }
}

fn subject(id: Option<SessionId>) -> String {
    id.map_or_else(|| "no session".to_owned(), |SessionId(number)| format!("session {number}"))
}

fn bytes_of(exchange: &Exchange) -> usize {
    let messages = [
        Some(&exchange.request),
        exchange.request_altered.as_ref(),
        exchange.response.as_ref(),
        exchange.response_altered.as_ref(),
    ];
    let copies = exchange.copies.iter().map(|copy| copy.response.as_ref());
    messages.into_iter().chain(copies).flatten().map(|message| message.body().len() + 1024).sum()
}
