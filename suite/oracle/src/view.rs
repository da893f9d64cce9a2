//! The state of the sessions as the wire shows it.
//!
//! Built message by message and shared by all monitors, so that each stays short and all agree. It keeps apart what
//! was said and what was heard: a source cannot know of an answer that was lost, nor a destination of a request.

mod renamed;
mod sequence;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wsrm_wire::RmVersion;

pub(crate) use renamed::renamed;
pub(crate) use sequence::{AckRecord, FaultRecord, LifeRecord, Origin, SequenceView, Transmission};

use crate::message::{Endpoint, Lifecycle, LifecycleKind, Message, is_absolute};
use crate::ranges::NumberSet;
use crate::trace::{ApplicationReport, Half, Observation, Party};

/// An HTTP exchange.
#[derive(Debug, Clone)]
pub(crate) struct ExchangeView {
    /// Who sent the request.
    pub(crate) sender: Party,
    /// The place of the request among all observations.
    pub(crate) started: usize,
    /// The place of the response, or of the news that there is none.
    pub(crate) ended: Option<usize>,
    /// The request.
    pub(crate) request: Arc<Observation>,
    /// The response.
    pub(crate) response: Option<Arc<Observation>>,
    /// Whether the request came more than once, so that the response may be to any of its deliveries.
    pub(crate) is_copied: bool,
}

/// A CreateSequence and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Creation {
    pub(crate) request: Arc<Observation>,
    pub(crate) requester: Party,
    pub(crate) exchange: Arc<str>,
    pub(crate) acks_to: Option<Endpoint>,
    pub(crate) offer: Option<String>,
    /// Whether there is an Offer, right or wrong.
    pub(crate) has_offer: bool,
    pub(crate) message_id: Option<String>,
    /// The CreateSequenceResponse messages, with the sequence that each names.
    pub(crate) answers: Vec<(Arc<Observation>, Option<usize>)>,
}

/// The state of the sessions, up to and without the message that is judged.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    pub(crate) exchanges: Vec<ExchangeView>,
    exchange_names: BTreeMap<Arc<str>, usize>,
    pub(crate) sequences: Vec<SequenceView>,
    sequence_names: BTreeMap<String, usize>,
    pub(crate) creations: Vec<Creation>,
    /// The identifiers that each party has named as its own or the other's, known or not.
    named: BTreeSet<(Party, String)>,
    /// The messages by MessageID, first use first.
    pub(crate) message_ids: BTreeMap<String, Vec<Arc<Observation>>>,
    /// How many messages of each party came that could not be placed in a sequence, although they may be of one.
    unplaced: [u64; 2],
    /// How many observations there were.
    pub(crate) order: usize,
    /// The version that was spoken last.
    pub(crate) rm: Option<RmVersion>,
    /// How many exchanges are open.
    pub(crate) open: usize,
    /// Whether an answer to a CreateSequence did not tell which sequences there are now.
    is_muddled: bool,
    /// Whether the last CreateSequence was answered by nothing.
    is_unanswered: bool,
    /// Whether the first thing of reliable messaging that was seen was a CreateSequence.
    began_with_creation: Option<bool>,
    /// The messages of the life of a sequence that name none, or one that is not known.
    pub(crate) stray_life: Vec<(LifecycleKind, Party)>,
    /// The identifiers in messages that create sequences, by which nobody calls them later, and those that both sides
    /// use in their place.
    pub(crate) renamed: BTreeMap<String, String>,
    /// What the application above the initiator was told.
    pub(crate) application: Option<ApplicationReport>,
}

impl Creation {
    /// Whether the other message asks for the same sequence: it is a repetition.
    pub(crate) fn is_repeated_by(&self, lifecycle: &Lifecycle, message: &Message) -> bool {
        let same_id = self.message_id.is_some() && self.message_id.as_deref() == message.message_id();
        let offer = lifecycle.offer.as_ref().and_then(|offer| offer.identifier.as_ref());
        let same_offer = self.offer.is_some() && self.offer.as_ref() == offer;
        same_offer || (same_id && self.offer.as_ref() == offer)
    }
}

impl View {
    /// Nothing seen yet, but what the sequences are called that are created by other names.
    pub(crate) fn with_names(
        renamed: BTreeMap<String, String>,
        application: Option<ApplicationReport>,
    ) -> Self {
        Self { renamed, application, ..Self::default() }
    }

    /// The exchange with this name.
    pub(crate) fn exchange(&self, name: &str) -> Option<&ExchangeView> {
        self.exchange_names.get(name).and_then(|&place| self.exchanges.get(place))
    }

    /// The sequence with this identifier.
    pub(crate) fn sequence(&self, identifier: &str) -> Option<&SequenceView> {
        self.sequence_place(identifier).and_then(|place| self.sequences.get(place))
    }

    /// The place of the sequence with this identifier.
    pub(crate) fn sequence_place(&self, identifier: &str) -> Option<usize> {
        self.sequence_names.get(identifier).copied()
    }

    /// The other sequence of the pair that an accepted Offer makes.
    pub(crate) fn peer(&self, sequence: &SequenceView) -> Option<&SequenceView> {
        sequence.peer.and_then(|place| self.sequences.get(place))
    }

    /// Whether the trace shows how sessions began, so that what it does not know never was.
    pub(crate) fn is_complete(&self) -> bool {
        self.began_with_creation == Some(true) && !self.is_muddled && !self.is_unanswered
    }

    /// Whether this identifier names no sequence, as far as the whole trace tells.
    pub(crate) fn is_unknown(&self, identifier: &str) -> bool {
        self.is_complete() && self.sequence(identifier).is_none()
    }

    /// Whether all that was sent in the sequence is seen and keeps its numbers, so that what the other side says of it
    /// can be held against it.
    pub(crate) fn is_regular(&self, sequence: &SequenceView) -> bool {
        sequence.is_whole() && sequence.irregular() == 0 && self.unplaced(sequence.source) == 0
    }

    /// The numbers of these that cannot have been received: no such message came, nor one that could be meant.
    pub(crate) fn never_received(&self, sequence: &SequenceView, covered: &NumberSet) -> NumberSet {
        let excess = covered.without(&sequence.arrived);
        let missing = sequence.arrived.without(covered);
        // A source that numbers wrongly, and a destination that tells of the right numbers: one of them is at fault,
        // and the source has been found already.
        let explained = sequence.irregular() > 0 && (!missing.is_empty() || sequence.conflicts > 0);
        let room = self.unplaced(sequence.source) + if explained { sequence.irregular() } else { 0 };
        let room = room.saturating_add(self.empty_answers(sequence));
        // Nobody can mean a number above that of all messages that there were.
        let count = u64::try_from(sequence.messages.len()).unwrap_or(u64::MAX);
        if sequence.is_whole() && excess.highest() > Some(count.saturating_add(room)) {
            return excess;
        }
        if !sequence.is_whole() || excess.len() <= room { NumberSet::default() } else { excess }
    }

    /// How many requests of the other sequence were answered by nothing: whoever tells of a reply to one of them may
    /// have had another answer.
    fn empty_answers(&self, sequence: &SequenceView) -> u64 {
        let Some(peer) = self.peer(sequence).filter(|_| sequence.source == Party::Responder) else {
            return 0;
        };
        let response = |sent: &Transmission| {
            self.exchange(&sent.observation.exchange).and_then(|exchange| exchange.response.clone())
        };
        let empty = peer.messages.values().filter(|sent| {
            let responses: Vec<Arc<Observation>> = sent.iter().filter_map(response).collect();
            let is_reply = |response: &Arc<Observation>| {
                response.soap().is_some_and(|message| !message.sequences.is_empty())
            };
            responses.iter().any(|response| response.is_empty_success()) && !responses.iter().any(is_reply)
        });
        u64::try_from(empty.count()).unwrap_or(u64::MAX)
    }

    /// The numbers whose transmissions were not acknowledged, as far as the source knows, nor answered by any message.
    pub(crate) fn unanswered(&self, sequence: &SequenceView) -> NumberSet {
        let answered = |transmission: &&Transmission| {
            let exchange = self.exchange(&transmission.observation.exchange);
            let response = exchange.and_then(|exchange| exchange.response.as_ref());
            response.is_some_and(|response| response.is_delivered() && response.soap().is_some())
        };
        let open = sequence.messages.iter().filter(|(number, transmissions)| {
            !sequence.acknowledged_to_source.contains(**number) && !transmissions.iter().any(|t| answered(&t))
        });
        open.map(|(number, _)| *number).collect()
    }

    /// The numbers of which a transmission was answered by success without a message.
    pub(crate) fn answered_by_nothing(&self, sequence: &SequenceView) -> NumberSet {
        let is_empty = |sent: &Transmission| {
            let response =
                self.exchange(&sent.observation.exchange).and_then(|exchange| exchange.response.as_ref());
            response.is_some_and(|response| response.is_empty_success())
        };
        let found = sequence.messages.iter().filter(|(_, sent)| sent.iter().any(is_empty));
        found.map(|(number, _)| *number).collect()
    }

    /// Whether nobody ever spoke of replies in this session.
    pub(crate) fn is_one_way(&self, sequence: &SequenceView) -> bool {
        let creation = match sequence.origin {
            Origin::Created(place) => self.creations.get(place),
            Origin::Offered(_) | Origin::Seen => None,
        };
        let accepts = |answer: &Observation| {
            let lifecycle = answer.soap().and_then(|message| message.lifecycle.as_ref());
            lifecycle.is_some_and(|lifecycle| lifecycle.accept.is_some())
        };
        let is_plain = |creation: &Creation| {
            !creation.has_offer && !creation.answers.iter().any(|(answer, _)| accepts(answer))
        };
        sequence.peer.is_none() && creation.is_some_and(is_plain)
    }

    /// Whether each message of the sequence was sent after the answer to the one before had come; those that are
    /// answers, whether each was asked for after the one before had come: two that were under way overtake each other.
    pub(crate) fn is_one_by_one(&self, sequence: &SequenceView) -> bool {
        let mut sent: Vec<&Transmission> = sequence.messages.values().flatten().collect();
        sent.sort_by_key(|one| one.order);
        let end = |one: &Transmission| {
            self.exchange(&one.observation.exchange).and_then(|exchange| exchange.ended).unwrap_or(usize::MAX)
        };
        let begin = |one: &Transmission| {
            self.exchange(&one.observation.exchange).map_or(one.order, |exchange| exchange.started)
        };
        sent.windows(2).all(|pair| matches!(pair, [one, next] if end(one) < begin(next)))
    }

    /// How many messages of a party came that could not be placed.
    pub(crate) const fn unplaced(&self, party: Party) -> u64 {
        let [initiator, responder] = self.unplaced;
        match party {
            Party::Initiator => initiator,
            Party::Responder => responder,
        }
    }

    /// The CreateSequence that a CreateSequenceResponse answers.
    pub(crate) fn creation_of(&self, observation: &Observation, message: &Message) -> Option<&Creation> {
        self.creation_place(observation, message).and_then(|place| self.creations.get(place))
    }

    fn creation_place(&self, observation: &Observation, message: &Message) -> Option<usize> {
        let of_exchange =
            self.creations.iter().rposition(|creation| creation.exchange == observation.exchange);
        let related = || {
            let relates_to = message.relates_to()?;
            self.creations.iter().rposition(|creation| creation.message_id.as_deref() == Some(relates_to))
        };
        let waiting = || {
            let of_other = |creation: &Creation| {
                creation.requester == observation.sender.other() && creation.answers.is_empty()
            };
            self.creations.iter().rposition(of_other)
        };
        of_exchange.or_else(related).or_else(waiting)
    }

    /// Takes note of an observation.
    pub(crate) fn apply(&mut self, observation: &Arc<Observation>) {
        match observation.half {
            Half::Request => self.open_exchange(observation),
            Half::Response => self.end_exchange(observation),
            Half::Copy => {
                let place = self.exchange_names.get(&observation.exchange).copied();
                if let Some(exchange) = place.and_then(|place| self.exchanges.get_mut(place)) {
                    exchange.is_copied = true;
                }
            }
        }
        if let Some(message) = observation.soap() {
            self.rm = message.rm().or(self.rm);
            if self.began_with_creation.is_none() && message.rm().is_some() {
                let kind = message.lifecycle.as_ref().map(|lifecycle| lifecycle.kind);
                self.began_with_creation = Some(kind == Some(LifecycleKind::Create));
            }
            self.note_muddle(observation, message);
            self.note_names(observation, message);
            if let Some(id) = message.message_id() {
                self.message_ids.entry(id.to_owned()).or_default().push(Arc::clone(observation));
            }
            if let Some(lifecycle) = &message.lifecycle {
                self.apply_lifecycle(observation, message, lifecycle);
            }
            self.apply_sequence(observation, message);
            self.apply_acknowledgements(observation, message);
            self.apply_fault(observation, message);
        } else if observation.is_empty_success() || self.is_unread_answer(observation) {
            // Sequences may come of it all the same, under names that nobody saw.
            let asks = |creation: &Creation| {
                let reply_to = creation.request.soap().and_then(|asked| asked.endpoint("ReplyTo"));
                let is_here = reply_to.is_none_or(|endpoint| endpoint.is_anonymous());
                creation.exchange == observation.exchange && is_here
            };
            self.is_unanswered |= observation.half == Half::Response && self.creations.iter().any(asks);
        } else if observation.is_delivered() && !is_empty(observation) {
            // What cannot be read may be of any sequence; of the answers that are no SOAP most are pages of errors.
            let is_packed = is_packed(observation);
            if is_packed || observation.half == Half::Request {
                self.add_unplaced(observation.sender);
            }
            self.is_muddled |= is_packed;
        }
        self.order += 1;
    }

    /// Whether it came as a response, and holds something in which no SOAP message can be found.
    fn is_unread_answer(&self, observation: &Observation) -> bool {
        let is_answer = observation.half == Half::Response && observation.is_delivered();
        is_answer && observation.http().is_some() && !is_packed(observation)
    }

    /// An answer of success to a CreateSequence that is no CreateSequenceResponse, or one without identifier, or with
    /// an Accept that does not fit the Offer, leaves open which sequences there are.
    fn note_muddle(&mut self, observation: &Observation, message: &Message) {
        let creation = self.creations.iter().find(|creation| creation.exchange == observation.exchange);
        let is_answer = observation.half == Half::Response && message.fault.is_none();
        let Some(creation) = creation.filter(|_| is_answer) else { return };
        let response =
            message.lifecycle.as_ref().filter(|lifecycle| lifecycle.kind == LifecycleKind::CreateResponse);
        let is_clear = response.is_some_and(|response| {
            let is_own = response.identifier.as_deref().is_some_and(is_absolute)
                && response.identifier != creation.offer
                && creation.offer.is_some() == creation.has_offer;
            is_own && response.accept.is_some() == creation.offer.is_some()
        });
        let declined = response.is_some_and(|response| {
            response.identifier.as_deref().is_some_and(is_absolute)
                && response.accept.is_none()
                && response.identifier != creation.offer
        });
        self.is_muddled |= !is_clear && !declined;
    }

    /// Whether the party has named this identifier in a header or a body of reliable messaging.
    pub(crate) fn has_named(&self, party: Party, identifier: &str) -> bool {
        self.named.contains(&(party, identifier.to_owned()))
    }

    fn note_names(&mut self, observation: &Observation, message: &Message) {
        let sequences = message.sequences.iter().map(|header| &header.identifier);
        let acknowledgements = message.acknowledgements.iter().map(|header| &header.identifier);
        let ack_requests = message.ack_requests.iter().map(|header| &header.identifier);
        let body = message.lifecycle.iter().map(|lifecycle| &lifecycle.identifier);
        let offers = message.lifecycle.iter().filter_map(|lifecycle| lifecycle.offer.as_ref());
        let offers = offers.map(|offer| &offer.identifier);
        let all = sequences.chain(acknowledgements).chain(ack_requests).chain(body).chain(offers).flatten();
        self.named.extend(all.map(|identifier| (observation.sender, identifier.clone())));
    }

    fn open_exchange(&mut self, observation: &Arc<Observation>) {
        self.exchange_names.insert(Arc::clone(&observation.exchange), self.exchanges.len());
        self.exchanges.push(ExchangeView {
            sender: observation.sender,
            started: self.order,
            ended: None,
            request: Arc::clone(observation),
            response: None,
            is_copied: false,
        });
        self.open += 1;
    }

    fn end_exchange(&mut self, observation: &Arc<Observation>) {
        let place = self.exchange_names.get(&observation.exchange).copied();
        let order = self.order;
        if let Some(exchange) = place.and_then(|place| self.exchanges.get_mut(place)) {
            if exchange.ended.is_none() {
                self.open = self.open.saturating_sub(1);
            }
            exchange.ended = Some(order);
            exchange.response = Some(Arc::clone(observation));
        }
    }

    fn add_unplaced(&mut self, party: Party) {
        let [initiator, responder] = &mut self.unplaced;
        match party {
            Party::Initiator => *initiator += 1,
            Party::Responder => *responder += 1,
        }
    }

    fn apply_lifecycle(&mut self, observation: &Arc<Observation>, message: &Message, lifecycle: &Lifecycle) {
        self.is_unanswered &= lifecycle.kind != LifecycleKind::Create;
        match lifecycle.kind {
            LifecycleKind::Create => self.creations.push(Creation {
                request: Arc::clone(observation),
                requester: observation.sender,
                exchange: Arc::clone(&observation.exchange),
                acks_to: lifecycle.acks_to.clone(),
                offer: offered(lifecycle).map(|name| self.name_in_use(name)),
                has_offer: lifecycle.offer.is_some(),
                message_id: message.message_id().map(str::to_owned),
                answers: Vec::new(),
            }),
            LifecycleKind::CreateResponse => self.apply_create_response(observation, message, lifecycle),
            kind => {
                let Some(identifier) = &lifecycle.identifier else {
                    self.stray_life.push((kind, observation.sender));
                    return;
                };
                self.see(identifier, observation, kind);
                let record = LifeRecord {
                    kind,
                    order: self.order,
                    observation: Arc::clone(observation),
                    last_number: lifecycle.last_number,
                    has_last_number: lifecycle.node.first("LastMsgNumber").is_some(),
                };
                match self.sequence_mut(identifier) {
                    Some(sequence) => sequence.life.push(record),
                    None => self.stray_life.push((kind, observation.sender)),
                }
            }
        }
    }

    /// Takes note of a sequence that a trace which began in its middle shows.
    fn see(&mut self, identifier: &str, observation: &Observation, kind: LifecycleKind) {
        if self.is_complete() || self.sequence(identifier).is_some() {
            return;
        }
        let source = if kind.is_answer() { observation.sender.other() } else { observation.sender };
        self.add_sequence(identifier, source, Origin::Seen);
    }

    fn apply_create_response(
        &mut self,
        observation: &Arc<Observation>,
        message: &Message,
        lifecycle: &Lifecycle,
    ) {
        let Some(at) = self.creation_place(observation, message) else { return };
        let Some(creation) = self.creations.get(at) else { return };
        let (requester, acks_to, offer) =
            (creation.requester, creation.acks_to.clone(), creation.offer.clone());
        let asked = Arc::clone(&creation.request);
        // The identifier of the Offer names the sequence that was offered and no other.
        let own = lifecycle.identifier.as_ref().filter(|identifier| is_absolute(identifier));
        let own = own.map(|identifier| self.name_in_use(identifier.clone()));
        let own = own.filter(|identifier| Some(identifier) != offer.as_ref());
        let main = own.map(|identifier| {
            let place = self.add_sequence(&identifier, requester, Origin::Created(at));
            self.grant(place, &asked, observation, acks_to);
            place
        });
        if let (Some(main), Some(offer), Some(_)) = (main, offer, &lifecycle.accept) {
            let offered = self.add_sequence(&offer, requester.other(), Origin::Offered(at));
            self.grant(offered, &asked, observation, lifecycle.acks_to.clone());
            for (one, other) in [(main, offered), (offered, main)] {
                if let Some(sequence) = self.sequences.get_mut(one).filter(|_| one != other) {
                    sequence.peer = Some(other);
                }
            }
        }
        let declined = self.creations.get(at).and_then(|creation| creation.offer.clone());
        if let Some(offer) = declined.filter(|_| lifecycle.accept.is_none()) {
            // Whoever uses it all the same has another view of what was agreed; nothing can be held against that.
            self.add_sequence(&offer, requester.other(), Origin::Seen);
        }
        if let Some(creation) = self.creations.get_mut(at) {
            creation.answers.push((Arc::clone(observation), main));
        }
    }

    /// What was agreed is what was asked for, where the answer agrees with it.
    fn grant(&mut self, place: usize, asked: &Observation, answer: &Observation, acks_to: Option<Endpoint>) {
        let order = self.order;
        let Some(sequence) = self.sequences.get_mut(place) else { return };
        let (Some(one), Some(other)) = (asked.soap(), answer.soap()) else { return };
        let version = |message: &Message| message.lifecycle.as_ref().map(|lifecycle| lifecycle.version);
        sequence.rm = sequence.rm.or(version(one).filter(|rm| version(other) == Some(*rm)));
        sequence.soap = sequence.soap.or(Some(one.soap).filter(|soap| other.soap == *soap));
        let addressing = one.addressing().filter(|version| other.addressing() == Some(*version));
        sequence.addressing = sequence.addressing.or(addressing);
        sequence.acks_to = sequence.acks_to.take().or(acks_to);
        if answer.is_delivered() {
            sequence.granted = sequence.granted.or(Some(order));
        }
    }

    fn name_in_use(&self, name: String) -> String {
        self.renamed.get(&name).cloned().unwrap_or(name)
    }

    fn add_sequence(&mut self, identifier: &str, source: Party, origin: Origin) -> usize {
        if let Some(place) = self.sequence_place(identifier) {
            return place;
        }
        let place = self.sequences.len();
        self.sequence_names.insert(identifier.to_owned(), place);
        self.sequences.push(SequenceView::new(identifier, source, origin));
        place
    }

    fn sequence_mut(&mut self, identifier: &str) -> Option<&mut SequenceView> {
        let place = self.sequence_place(identifier)?;
        self.sequences.get_mut(place)
    }

    fn apply_sequence(&mut self, observation: &Arc<Observation>, message: &Message) {
        let Some(header) = message.sequences.first() else {
            let may_be_sequenced = message.is_application() && !self.sequences.is_empty();
            let is_new = observation.half == Half::Request || self.answers_in_pair(observation);
            if observation.is_delivered() && may_be_sequenced && is_new {
                self.add_unplaced(observation.sender);
            }
            return;
        };
        if let Some(identifier) = header.identifier.as_ref().filter(|_| !self.is_complete()) {
            self.add_sequence(identifier, observation.sender, Origin::Seen);
        }
        // Which of several headers counts is for the destination to say.
        let further = message.sequences.len().saturating_sub(1);
        for _ in 0..if observation.is_delivered() { further } else { 0 } {
            self.add_unplaced(observation.sender);
        }
        let transmission = Transmission {
            order: self.order,
            observation: Arc::clone(observation),
            fingerprint: message.body_fingerprint(),
            is_last: header.is_last,
            action: message.action().map(str::to_owned),
            message_id: message.message_id().map(str::to_owned),
            answers: self.request_in_turn(observation),
            is_misplaced: self.answers_another(observation, message),
            is_broken: message.structure.is_some() || message.malformed.is_some(),
        };
        let sender = observation.sender;
        let sequence = header.identifier.as_deref().and_then(|identifier| self.sequence_mut(identifier));
        match (sequence.filter(|sequence| sequence.source == sender), header.number) {
            (Some(sequence), Some(number)) => sequence.transmit(number, transmission),
            _ if observation.is_delivered() => self.add_unplaced(sender),
            _ => {}
        }
    }

    /// Whether a response answers a message of a sequence that has another one for its replies.
    fn answers_in_pair(&self, observation: &Observation) -> bool {
        let request = self.exchange(&observation.exchange).and_then(|exchange| exchange.request.soap());
        let header = request.and_then(|request| request.sequences.first());
        let sequence = header.and_then(|header| self.sequence(header.identifier.as_deref()?));
        let is_message = observation.soap().is_some_and(|message| !message.has_empty_body());
        is_message && sequence.is_some_and(|sequence| sequence.peer.is_some())
    }

    /// Whether a response relates to another message than the request that it answers: what it says of the sequences may be
    /// what belongs there.
    fn answers_another(&self, observation: &Observation, message: &Message) -> bool {
        let exchange = self.exchange(&observation.exchange).filter(|_| observation.half != Half::Request);
        let Some(asked) = exchange.and_then(|exchange| exchange.request.soap()) else { return false };
        let place = |message: &Message| {
            message.sequences.first().map(|header| (header.identifier.clone(), header.number))
        };
        // A repetition under another MessageID gets the reply that the first one got.
        let is_same =
            |other: &Arc<Observation>| other.soap().is_some_and(|other| place(other) == place(asked));
        let is_other = |id: &str| {
            let known = self.message_ids.get(id).map_or(&[][..], Vec::as_slice);
            asked.message_id() != Some(id) && !known.is_empty() && !known.iter().any(is_same)
        };
        message.relates_to().is_some_and(is_other)
    }

    /// The number of the request that a response answers, where the one before it was sent as well.
    pub(crate) fn request_in_turn(&self, observation: &Observation) -> Option<u64> {
        let exchange = self.exchange(&observation.exchange).filter(|_| observation.half != Half::Request)?;
        let header = exchange.request.soap()?.sequences.first()?;
        let sequence =
            self.sequence(header.identifier.as_deref()?).filter(|sequence| sequence.conflicts == 0)?;
        let number = header.number?;
        let below = number.checked_sub(1)?;
        (below == 0 || sequence.messages.contains_key(&below)).then_some(number)
    }

    fn apply_acknowledgements(&mut self, observation: &Arc<Observation>, message: &Message) {
        for facts in &message.acknowledgements {
            let Some(identifier) = &facts.identifier else { continue };
            if !self.is_complete() {
                self.add_sequence(identifier, observation.sender.other(), Origin::Seen);
            }
            let order = self.order;
            let Some(sequence) = self.sequence_mut(identifier) else { continue };
            if sequence.source != observation.sender {
                let record = AckRecord::new(order, observation, facts, &sequence.arrived);
                sequence.acknowledge(record);
            }
        }
    }

    fn apply_fault(&mut self, observation: &Arc<Observation>, message: &Message) {
        let Some(fault) = message.fault.as_ref().and_then(|fault| fault.rm.as_ref()) else { return };
        let record =
            FaultRecord { order: self.order, observation: Arc::clone(observation), name: fault.name.clone() };
        if let Some(identifier) = &fault.identifier {
            if let Some(sequence) = self.sequence_mut(identifier) {
                sequence.faults.push(record);
            }
            return;
        }
        let exchange = self.exchange(&observation.exchange).filter(|_| observation.half != Half::Request);
        let asked = exchange.and_then(|exchange| exchange.request.soap()).and_then(|request| {
            let of_header = request.sequences.first().and_then(|header| header.identifier.clone());
            of_header.or_else(|| request.lifecycle.as_ref()?.identifier.clone())
        });
        if let Some(sequence) = asked.and_then(|identifier| self.sequence_mut(&identifier)) {
            sequence.nameless_faults.push(record);
        }
    }
}

/// The sequence that is offered, if its identifier is one.
fn offered(lifecycle: &Lifecycle) -> Option<String> {
    let identifier = lifecycle.offer.as_ref().and_then(|offer| offer.identifier.clone());
    identifier.filter(|identifier| is_absolute(identifier))
}

fn is_empty(observation: &Observation) -> bool {
    matches!(observation.content(), Some(crate::message::Content::Empty))
}

/// Whether the message is in a form that can hold SOAP and is not read: a binary encoding, or MIME.
fn is_packed(observation: &Observation) -> bool {
    let media = observation.http().and_then(crate::trace::HttpMessage::media_type).unwrap_or_default();
    matches!(observation.content(), Some(crate::message::Content::Other))
        && (media.starts_with("multipart/") || media.contains("fastinfoset") || media.contains("msbin"))
}
