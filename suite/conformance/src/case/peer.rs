//! The endpoint under test, as a case sees it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use wsrm_oracle::NumberSet;
use wsrm_oracle::message::{Content, LifecycleKind, Message};
use wsrm_protocol::{Identifiers, Pattern};
use wsrm_wire::{
    CreateSequence, EndpointReference, IncompleteSequenceBehavior, InitiatorMessages, Offer, RmVersion,
    WireProfile,
};

use super::answer::{Answer, Seen, numbers_in};
use super::wire::Broken;
use super::{Application, HttpRequest, HttpResponse, Post, Session, Stop, Wire};
use crate::dialect::Dialect;

/// What the endpoint is, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The address, for `To`.
    pub address: String,
    /// The form of the messages.
    pub profile: WireProfile,
    /// Which sequences a session has.
    pub pattern: Pattern,
    /// What is sent.
    pub application: Application,
}

/// The endpoint under test: takes messages, and writes down all that passes.
#[derive(Debug)]
pub struct Peer {
    target: Target,
    wire: Rc<dyn Wire>,
    identifiers: RefCell<Box<dyn Identifiers>>,
    log: RefCell<Vec<Logged>>,
    book: RefCell<BTreeMap<String, Entry>>,
    gone: Cell<bool>,
    tardy: Cell<bool>,
}

/// An exchange as it was seen.
#[derive(Debug, Clone)]
pub(crate) struct Logged {
    pub(crate) sent: Duration,
    pub(crate) request: HttpRequest,
    /// Whether the service never got the request.
    pub(crate) request_lost: bool,
    pub(crate) answered: Option<Duration>,
    pub(crate) response: Option<HttpResponse>,
    /// Whether the client never got the response.
    pub(crate) response_lost: bool,
    pub(crate) label: Option<&'static str>,
}

/// What is known of a sequence that was opened.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub(super) offer: Option<String>,
    /// The versions in which it was asked for; those of the endpoint where nothing is known.
    pub(super) profile: Option<WireProfile>,
    /// The numbers that were sent.
    pub(super) sent: NumberSet,
    /// Those of them that were acknowledged.
    pub(super) acknowledged: NumberSet,
    /// The numbers of the replies that came.
    pub(super) replies: NumberSet,
    pub(super) has_last: bool,
    pub(super) is_closed: bool,
    /// How it ended.
    pub(super) end: Option<String>,
}

impl Logged {
    /// A request that is under way.
    pub(crate) const fn new(sent: Duration, request: HttpRequest, label: Option<&'static str>) -> Self {
        Self {
            sent,
            request,
            request_lost: false,
            answered: None,
            response: None,
            response_lost: false,
            label,
        }
    }
}

impl Target {
    /// What is spoken with it.
    pub const fn dialect(&self) -> Dialect {
        Dialect { profile: self.profile, pattern: self.pattern }
    }
}

impl Peer {
    /// An endpoint behind a wire.
    pub fn new(target: Target, wire: Rc<dyn Wire>, identifiers: Box<dyn Identifiers>) -> Self {
        Self {
            target,
            wire,
            identifiers: RefCell::new(identifiers),
            log: RefCell::default(),
            book: RefCell::default(),
            gone: Cell::new(false),
            tardy: Cell::new(false),
        }
    }

    /// What it is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The version of reliable messaging.
    pub fn rm(&self) -> RmVersion {
        self.target.profile.rm
    }

    /// Whether its sessions are two-way.
    pub fn is_two_way(&self) -> bool {
        self.target.pattern == Pattern::RequestReply
    }

    /// A new identifier.
    pub fn identifier(&self) -> String {
        self.identifiers.borrow_mut().next_identifier().as_str().to_owned()
    }

    /// What makes the messages of a client.
    pub fn messages(&self) -> InitiatorMessages<'_> {
        InitiatorMessages::anonymous(self.target.profile, &self.target.address)
    }

    /// A moment that lies so far ahead.
    pub(super) fn pause(&self, time: Duration) -> super::Pending<'_, ()> {
        self.wire.pause(time)
    }

    /// Waits.
    pub async fn wait(&self, time: Duration) {
        self.wire.pause(time).await;
    }

    /// The body of a usual CreateSequence, with an offer where the pattern needs one.
    pub fn create_body(&self) -> CreateSequence<'static> {
        let anonymous = || EndpointReference::new(self.target.profile.addressing.anonymous());
        let in_new_version = self.rm() == RmVersion::V200702;
        let offer = self.is_two_way().then(|| Offer {
            identifier: self.identifier().into(),
            endpoint: in_new_version.then(anonymous),
            expires: None,
            incomplete_sequence_behavior: in_new_version
                .then_some(IncompleteSequenceBehavior::DiscardFollowingFirstGap),
            extensions: Vec::new(),
        });
        CreateSequence { acks_to: anonymous(), expires: None, offer, extensions: Vec::new() }
    }

    /// A CreateSequence with this body.
    pub fn create(&self, body: CreateSequence<'_>) -> Post {
        Post::of(&self.messages().create_sequence(body, self.identifier()))
    }

    /// Opens a session in the usual way.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] where the endpoint grants none; as [`Peer::post`].
    pub async fn open(&self) -> Result<Session<'_>, Stop> {
        let answer = self.post(&self.create(self.create_body())).await?;
        self.session(&answer)
    }

    /// The session that an answer grants.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] where it grants none.
    pub fn session(&self, answer: &Answer) -> Result<Session<'_>, Stop> {
        answer.needs(answer.created().is_some(), "no sequence was granted")?;
        Ok(Session::new(self, answer.created().unwrap_or_default()))
    }

    /// Sends a message; whatever comes back is an answer, an ended connection too.
    ///
    /// # Errors
    /// [`Stop::Unreachable`], if there is no connection to be had.
    pub async fn post(&self, post: &Post) -> Result<Answer, Stop> {
        self.exchange(post.request(), post.label).await
    }

    /// Sends a message, and hangs up without hearing the answer. What is sent is sent: it may have come.
    ///
    /// # Errors
    /// As [`Peer::post`].
    pub async fn post_and_hang_up(&self, post: &Post) -> Result<(), Stop> {
        let request = post.request();
        self.note_sent(&request, post.label)?;
        match self.wire.send_and_hang_up(request).await {
            Ok(()) | Err(Broken::Closed(_) | Broken::Silent(_)) => Ok(()),
            Err(Broken::Unreachable(why)) => Err(self.is_lost(why)),
        }
    }

    /// Sends any request.
    ///
    /// # Errors
    /// As [`Peer::post`].
    pub async fn exchange(&self, request: HttpRequest, label: Option<&'static str>) -> Result<Answer, Stop> {
        let (place, asked) = self.note_sent(&request, label)?;
        let exchange = u32::try_from(place).unwrap_or(u32::MAX);
        let result = self.wire.exchange(request).await;
        let answered = self.wire.elapsed();
        let mut log = self.log.borrow_mut();
        let Some(entry) = log.get_mut(place - 1) else {
            return Err(Stop::Harness("an exchange was lost from the log".to_owned()));
        };
        match result {
            Ok(response) => {
                let answer = Answer::read(exchange, &response);
                entry.answered = Some(answered);
                entry.response = Some(response);
                drop(log);
                self.note_answer(asked.as_ref(), &answer);
                Ok(answer)
            }
            Err(Broken::Closed(why)) => {
                entry.answered = Some(answered);
                Ok(Answer { exchange, seen: Seen::Closed(why) })
            }
            Err(broken @ Broken::Silent(_)) => {
                entry.answered = Some(answered);
                Ok(Answer { exchange, seen: Seen::Silent(broken.to_string()) })
            }
            Err(Broken::Unreachable(why)) => Err(self.is_lost(why)),
        }
    }

    /// Writes down a request; its number, and the message in it.
    fn note_sent(
        &self,
        request: &HttpRequest,
        label: Option<&'static str>,
    ) -> Result<(usize, Option<Message>), Stop> {
        if self.gone.get() {
            return Err(Stop::Unreachable("the endpoint could not be reached any more".to_owned()));
        }
        let mut log = self.log.borrow_mut();
        log.push(Logged::new(self.wire.elapsed(), request.clone(), label));
        let asked = read(request);
        self.note_request(asked.as_ref());
        Ok((log.len(), asked))
    }

    /// There is no connection to be had.
    fn is_lost(&self, why: String) -> Stop {
        self.gone.set(true);
        Stop::Unreachable(why)
    }

    /// What is known of a sequence.
    pub(super) fn entry(&self, identifier: &str) -> Entry {
        self.book.borrow().get(identifier).cloned().unwrap_or_default()
    }

    /// The sequences that were opened, in the order of their identifiers.
    pub(super) fn sequences(&self) -> Vec<(String, Entry)> {
        self.book.borrow().iter().map(|(identifier, entry)| (identifier.clone(), entry.clone())).collect()
    }

    pub(super) fn log(&self) -> Vec<Logged> {
        self.log.borrow().clone()
    }

    /// Whether the endpoint takes messages and does not acknowledge them, as far as was seen.
    pub(super) fn is_tardy(&self) -> bool {
        self.tardy.get()
    }

    pub(super) fn note_tardiness(&self) {
        self.tardy.set(true);
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone.get()
    }

    fn note_request(&self, asked: Option<&Message>) {
        let Some(message) = asked else { return };
        let mut book = self.book.borrow_mut();
        for (identifier, entry) in book.iter_mut() {
            numbers_in(message, identifier, &mut entry.sent);
            let is_of = |named: Option<&String>| named.is_some_and(|named| named == identifier);
            let last = message
                .sequences
                .iter()
                .any(|sequence| sequence.is_last && is_of(sequence.identifier.as_ref()));
            entry.has_last |= last;
        }
    }

    /// Keeps the book: what an answer says about the sequences that were opened.
    fn note_answer(&self, asked: Option<&Message>, answer: &Answer) {
        let mut book = self.book.borrow_mut();
        if let Some(created) = answer.created() {
            let offer = asked
                .and_then(|asked| asked.lifecycle.as_ref()?.offer.as_ref()?.identifier.clone())
                .filter(|_| answer.soap().is_some_and(is_accepted));
            let entry = book.entry(created.to_owned()).or_default();
            entry.offer = offer.or_else(|| entry.offer.take());
            entry.profile = entry.profile.or_else(|| asked.and_then(profile_of));
        }
        let lifecycle = asked.and_then(|asked| asked.lifecycle.as_ref());
        for (identifier, entry) in book.iter_mut() {
            entry.acknowledged.add_all(&answer.acknowledged(identifier));
            if let (Some(message), Some(offer)) = (answer.soap(), &entry.offer) {
                numbers_in(message, offer, &mut entry.replies);
            }
            let about = lifecycle.filter(|asked| asked.identifier.as_deref() == Some(identifier));
            match about.map(|asked| asked.kind) {
                Some(LifecycleKind::Close) if answer.is_success() => entry.is_closed = true,
                Some(LifecycleKind::Terminate) if answer.is_success() => {
                    entry.end.get_or_insert_with(|| "terminated".to_owned());
                }
                _ => {}
            }
            let fault = ending_fault(answer, identifier);
            // A two-way session is one, whichever of its sequences the fault names.
            let of_replies = || entry.offer.as_ref().and_then(|offer| ending_fault(answer, offer));
            if let Some(fault) = fault.or_else(of_replies) {
                entry.end.get_or_insert(fault);
            }
        }
    }
}

fn read(request: &HttpRequest) -> Option<Message> {
    match Content::read(&request.body, Some("application/soap+xml")) {
        Content::Soap(message) => Some(*message),
        _ => None,
    }
}

fn profile_of(message: &Message) -> Option<WireProfile> {
    Some(WireProfile { soap: message.soap, addressing: message.addressing()?, rm: message.rm()? })
}

fn is_accepted(message: &Message) -> bool {
    message.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.accept.is_some())
}

/// The fault that says that this sequence is no more.
fn ending_fault(answer: &Answer, identifier: &str) -> Option<String> {
    let fault = answer.soap()?.fault.as_ref()?.rm.as_ref()?;
    let ends =
        ["SequenceTerminated", "UnknownSequence", "MessageNumberRollover", "LastMessageNumberExceeded"];
    let is_about = fault.identifier.as_deref() == Some(identifier);
    (is_about && ends.contains(&fault.name.as_str())).then(|| format!("ended by {}", fault.name))
}
