//! A monitor judges one requirement over a trace.

use std::ops::Range;
use std::sync::Arc;

use wsrm_wire::{AddressingVersion, RmVersion};

use crate::catalogue::{Level, Requirement, Role};
use crate::message::{FaultFacts, Message};
use crate::trace::{Half, MessageName, Observation, Party};
use crate::view::{ExchangeView, SequenceView, View};

/// How many findings of one requirement are kept; what a trace of a broken stack holds has no end.
const MOST_FINDINGS: usize = 1000;

/// A message that breaks a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The id of the requirement.
    pub requirement: String,
    /// What follows for a user.
    pub level: Level,
    /// Who is at fault.
    pub party: Party,
    /// The messages: first the one that breaks the requirement, then those that make it so.
    pub messages: Vec<MessageName>,
    /// What was expected.
    pub expected: String,
    /// What was there instead.
    pub seen: String,
    /// What else would have been accepted.
    pub alternatives: Vec<String>,
    /// Where it is written.
    pub clause: String,
    /// The bytes of the first message that are wrong, counted from the start of the HTTP body.
    pub span: Option<Range<usize>>,
    /// Where it is what WCF itself is known to do instead of keeping the requirement: when, and what.
    pub erratum: Option<String>,
}

/// What became of a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was kept.
    Met(Kept),
    /// It was broken.
    Violated {
        /// How.
        findings: Vec<Finding>,
        /// How often it was kept all the same.
        kept: Kept,
    },
    /// Nothing in the trace touched it.
    NotExercised,
}

/// How often a requirement was kept, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    initiator: u64,
    responder: u64,
}

/// A message, and what was known before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) view: &'a View,
    pub(crate) observation: &'a Observation,
    /// The SOAP message, if it is one.
    pub(crate) message: Option<&'a Message>,
    /// The exchange; `None` for a request, whose exchange is not yet known.
    pub(crate) exchange: Option<&'a ExchangeView>,
    /// The version of reliable messaging that the message belongs to.
    pub(crate) rm: Option<RmVersion>,
    /// The version of WS-Addressing that the message itself is in.
    addressing: Option<AddressingVersion>,
}

/// How a requirement is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Run {
    /// At each message.
    Message(fn(&Scene<'_>, &mut Report<'_>)),
    /// When all is over.
    End(fn(&View, &mut Report<'_>)),
    /// Both.
    Both(fn(&Scene<'_>, &mut Report<'_>), fn(&View, &mut Report<'_>)),
}

/// What judges the requirement with this id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Check {
    pub(crate) id: &'static str,
    pub(crate) run: Run,
}

/// A breach of the requirement that is being judged.
#[derive(Debug)]
pub(crate) struct Breach {
    party: Party,
    messages: Vec<MessageName>,
    span: Option<Range<usize>>,
    expected: String,
    seen: String,
    alternatives: Vec<String>,
    /// Whether it is what WCF does, as the erratum of the requirement says.
    is_erratum: bool,
}

/// Where a check says what it found.
#[derive(Debug)]
pub(crate) struct Report<'r> {
    requirement: &'r Requirement,
    /// Who is judged, where nothing else is said.
    party: Option<Party>,
    kept: Kept,
    findings: Vec<Finding>,
}

/// Judges one requirement.
#[derive(Debug, Clone)]
pub struct Monitor {
    requirement: Arc<Requirement>,
    run: Run,
    kept: Kept,
    findings: Vec<Finding>,
}

/// What became of a request that came.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer<'a> {
    /// A fault.
    Fault(&'a FaultFacts),
    /// Another SOAP message.
    Soap(&'a Message),
    /// Success, without a message.
    Empty,
    /// None of these: an error of HTTP, a broken connection, something that is no SOAP.
    Unclear,
}

impl Check {
    /// Judges at each message.
    pub(crate) const fn message(id: &'static str, run: fn(&Scene<'_>, &mut Report<'_>)) -> Self {
        Self { id, run: Run::Message(run) }
    }

    /// Judges when all is over.
    pub(crate) const fn end(id: &'static str, run: fn(&View, &mut Report<'_>)) -> Self {
        Self { id, run: Run::End(run) }
    }

    /// Judges at each message, and what is left when all is over.
    pub(crate) const fn both(
        id: &'static str,
        message: fn(&Scene<'_>, &mut Report<'_>),
        end: fn(&View, &mut Report<'_>),
    ) -> Self {
        Self { id, run: Run::Both(message, end) }
    }
}

impl Finding {
    /// The part that a user knows the party at fault by: the client as source, the service as destination.
    pub const fn role(&self) -> Role {
        self.party.role()
    }
}

impl Outcome {
    /// The breaches.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Violated { findings, .. } => findings,
            Self::Met(_) | Self::NotExercised => &[],
        }
    }

    /// How often it was kept, and by whom.
    pub fn kept(&self) -> Kept {
        match self {
            Self::Met(kept) | Self::Violated { kept, .. } => *kept,
            Self::NotExercised => Kept::default(),
        }
    }
}

impl Kept {
    /// How often one side kept it.
    pub const fn by(self, party: Party) -> u64 {
        match party {
            Party::Initiator => self.initiator,
            Party::Responder => self.responder,
        }
    }

    /// How often it was kept.
    pub const fn total(self) -> u64 {
        self.initiator.saturating_add(self.responder)
    }

    const fn add(&mut self, party: Party) {
        let count = match party {
            Party::Initiator => &mut self.initiator,
            Party::Responder => &mut self.responder,
        };
        *count = count.saturating_add(1);
    }
}

impl Breach {
    /// A breach by the sender of this message.
    pub(crate) fn by(observation: &Observation) -> Self {
        Self {
            party: observation.sender,
            messages: vec![observation.name.clone()],
            span: None,
            expected: String::new(),
            seen: String::new(),
            alternatives: Vec::new(),
            is_erratum: false,
        }
    }

    /// A breach that no message shows.
    pub(crate) const fn of(party: Party) -> Self {
        Self {
            party,
            messages: Vec::new(),
            span: None,
            expected: String::new(),
            seen: String::new(),
            alternatives: Vec::new(),
            is_erratum: false,
        }
    }

    /// The bytes that are wrong.
    pub(crate) fn at(mut self, span: &Range<usize>) -> Self {
        self.span = Some(span.clone());
        self
    }

    /// A message that makes it so.
    pub(crate) fn with(mut self, observation: &Observation) -> Self {
        if !self.messages.contains(&observation.name) {
            self.messages.push(observation.name.clone());
        }
        self
    }

    /// What was expected.
    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// What was there.
    pub(crate) fn seen(mut self, seen: impl Into<String>) -> Self {
        self.seen = seen.into();
        self
    }

    /// What else would have been accepted.
    pub(crate) fn or(mut self, alternative: impl Into<String>) -> Self {
        self.alternatives.push(alternative.into());
        self
    }

    /// It is what WCF does, as the erratum of the requirement says, if so.
    pub(crate) const fn like_wcf_if(mut self, is_erratum: bool) -> Self {
        self.is_erratum = is_erratum;
        self
    }
}

impl Report<'_> {
    /// The requirement was kept once: at a message by its sender, at the end by who it binds. Where it binds both, the end has to
    /// say who kept it ([`Self::met_by`]).
    pub(crate) const fn met(&mut self) {
        if let Some(party) = self.party {
            self.met_by(party);
        }
    }

    /// The requirement was kept once.
    pub(crate) const fn met_by(&mut self, party: Party) {
        self.kept.add(party);
    }

    /// The requirement was broken.
    pub(crate) fn violated(&mut self, breach: Breach) {
        let sources: Vec<String> = self.requirement.sources.iter().map(ToString::to_string).collect();
        self.findings.push(Finding {
            requirement: self.requirement.id.clone(),
            level: self.requirement.level,
            party: breach.party,
            messages: breach.messages,
            expected: breach.expected,
            seen: breach.seen,
            alternatives: breach.alternatives,
            clause: sources.join("; "),
            span: breach.span,
            erratum: self.requirement.erratum.clone().filter(|_| breach.is_erratum),
        });
    }

    /// The requirement was kept, or broken as `breach` says.
    pub(crate) fn judge(&mut self, is_kept: bool, breach: impl FnOnce() -> Breach) {
        if is_kept {
            self.met();
        } else {
            self.violated(breach());
        }
    }
}

impl<'a> Scene<'a> {
    pub(crate) fn new(view: &'a View, observation: &'a Observation) -> Self {
        let message = observation.soap();
        let exchange = match observation.half {
            Half::Request => None,
            Half::Response | Half::Copy => view.exchange(&observation.exchange),
        };
        let of_request = || exchange.and_then(|exchange| exchange.request.soap()).and_then(Message::rm);
        let rm = message.and_then(Message::rm).or_else(of_request).or(view.rm);
        let addressing = message.and_then(Message::addressing);
        Self { view, observation, message, exchange, rm, addressing }
    }

    /// The request that this response answers.
    pub(crate) fn request(&self) -> Option<&'a Observation> {
        self.exchange.map(|exchange| &*exchange.request)
    }

    /// The SOAP message of the request that this response answers.
    pub(crate) fn request_message(&self) -> Option<&'a Message> {
        self.request().and_then(Observation::soap)
    }

    /// The request that came and could be read, and what it was answered by; `None` if this is no response.
    pub(crate) fn answer(&self) -> Option<(&'a Message, Answer<'a>)> {
        let request = self.request().filter(|request| request.is_delivered())?;
        let asked = request.soap().filter(|message| message.malformed.is_none())?;
        let answer = match (self.message, self.message.and_then(|message| message.fault.as_ref())) {
            (Some(_), Some(fault)) => Answer::Fault(fault),
            (Some(message), None) => Answer::Soap(message),
            (None, _) if self.observation.is_empty_success() => Answer::Empty,
            (None, _) => Answer::Unclear,
        };
        Some((asked, answer))
    }

    /// Whether it is a response, to the first delivery or to a further one.
    pub(crate) fn is_response(&self) -> bool {
        self.observation.half != Half::Request
    }

    /// A breach by the sender of this message.
    pub(crate) fn breach(&self) -> Breach {
        Breach::by(self.observation)
    }

    /// A breach by the sender of this response, with the request that it answers.
    pub(crate) fn breach_of_answer(&self) -> Breach {
        match self.request() {
            Some(request) => self.breach().with(request),
            None => self.breach(),
        }
    }

    /// The sequence with this identifier that the sender of this message is the source of.
    pub(crate) fn own_sequence(&self, identifier: Option<&str>) -> Option<&'a SequenceView> {
        identifier
            .and_then(|identifier| self.view.sequence(identifier))
            .filter(|sequence| sequence.source == self.observation.sender)
    }

    /// The sequence with this identifier that the sender of this message is the destination of.
    pub(crate) fn received_sequence(&self, identifier: Option<&str>) -> Option<&'a SequenceView> {
        identifier
            .and_then(|identifier| self.view.sequence(identifier))
            .filter(|sequence| sequence.source != self.observation.sender)
    }

    fn is_for(&self, requirement: &Requirement) -> bool {
        let rm = self.rm.is_none_or(|rm| requirement.rm.contains(&rm));
        let soap = self.message.is_none_or(|message| requirement.soap.contains(&message.soap));
        rm && soap && self.addressing.is_none_or(|version| requirement.addressing.contains(&version))
    }
}

impl Monitor {
    pub(crate) fn new(requirement: Arc<Requirement>, run: Run) -> Self {
        Self { requirement, run, kept: Kept::default(), findings: Vec::new() }
    }

    /// A monitor of the same requirement that has seen nothing.
    pub(crate) fn renewed(&self) -> Self {
        Self::new(Arc::clone(&self.requirement), self.run)
    }

    /// The requirement that it judges.
    pub fn requirement(&self) -> &Requirement {
        &self.requirement
    }

    pub(crate) fn observe(&mut self, scene: &Scene<'_>) {
        if let Run::Message(check) | Run::Both(check, _) = self.run
            && scene.is_for(&self.requirement)
        {
            self.collect(Some(scene.observation.sender), |report| check(scene, report));
        }
    }

    /// What became of the requirement by now; what only the end can tell is open.
    pub(crate) fn so_far(&self) -> (Arc<Requirement>, Outcome) {
        (Arc::clone(&self.requirement), outcome(self.kept, self.findings.clone()))
    }

    pub(crate) fn finish(mut self, view: &View) -> (Arc<Requirement>, Outcome) {
        if let Run::End(check) | Run::Both(_, check) = self.run {
            let party = match self.requirement.role {
                Role::Source => Some(Party::Initiator),
                Role::Destination => Some(Party::Responder),
                Role::Either => None,
            };
            self.collect(party, |report| check(view, report));
        }
        (self.requirement, outcome(self.kept, self.findings))
    }

    fn collect(&mut self, party: Option<Party>, check: impl FnOnce(&mut Report<'_>)) {
        let requirement = &self.requirement;
        let mut report = Report { requirement, party, kept: self.kept, findings: Vec::new() };
        check(&mut report);
        let (kept, findings) = (report.kept, report.findings);
        self.kept = kept;
        if !findings.is_empty() {
            let room = MOST_FINDINGS.saturating_sub(self.findings.len());
            self.findings.extend(findings.into_iter().take(room));
        }
    }
}

fn outcome(kept: Kept, findings: Vec<Finding>) -> Outcome {
    match (findings.is_empty(), kept.total()) {
        (false, _) => Outcome::Violated { findings, kept },
        (true, 0) => Outcome::NotExercised,
        (true, _) => Outcome::Met(kept),
    }
}
