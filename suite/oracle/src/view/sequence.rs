//! One sequence as the wire shows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

use crate::message::{AcknowledgementFacts, Endpoint, LifecycleKind};
use crate::ranges::NumberSet;
use crate::trace::{Half, Observation, Party};

/// How a sequence came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// By the CreateSequence at this place.
    Created(usize),
    /// By the Offer in the CreateSequence at this place.
    Offered(usize),
    /// Before the trace began.
    Seen,
}

/// A message of the sequence, sent once.
#[derive(Debug, Clone)]
pub(crate) struct Transmission {
    pub(crate) order: usize,
    pub(crate) observation: Arc<Observation>,
    pub(crate) fingerprint: u64,
    pub(crate) is_last: bool,
    pub(crate) action: Option<String>,
    pub(crate) message_id: Option<String>,
    /// The number of the request that it answers, where that is in its turn.
    pub(crate) answers: Option<u64>,
    /// Whether it relates to another request than that which it answers.
    pub(crate) is_misplaced: bool,
    /// Whether its body cannot be compared: it is missing, or breaks off.
    pub(crate) is_broken: bool,
}

/// An acknowledgement by the destination.
#[derive(Debug, Clone)]
pub(crate) struct AckRecord {
    pub(crate) order: usize,
    pub(crate) observation: Arc<Observation>,
    pub(crate) covered: NumberSet,
    /// What of it had come.
    pub(crate) received: NumberSet,
    pub(crate) buffer: Option<u64>,
    /// All that was acknowledged by this and the records before it.
    covered_by_then: NumberSet,
    /// What of that had come, as the exchanges themselves tell it: the answers to further copies left out.
    received_by_then: NumberSet,
}

/// A message that closes or ends the sequence, or answers one.
#[derive(Debug, Clone)]
pub(crate) struct LifeRecord {
    pub(crate) kind: LifecycleKind,
    pub(crate) order: usize,
    pub(crate) observation: Arc<Observation>,
    pub(crate) last_number: Option<u64>,
    pub(crate) has_last_number: bool,
}

/// A fault that names the sequence.
#[derive(Debug, Clone)]
pub(crate) struct FaultRecord {
    pub(crate) order: usize,
    pub(crate) observation: Arc<Observation>,
    pub(crate) name: String,
}

/// One sequence.
#[derive(Debug, Clone)]
pub(crate) struct SequenceView {
    pub(crate) identifier: String,
    pub(crate) source: Party,
    pub(crate) origin: Origin,
    pub(crate) rm: Option<RmVersion>,
    pub(crate) soap: Option<SoapVersion>,
    pub(crate) addressing: Option<AddressingVersion>,
    /// When the source was told of it.
    pub(crate) granted: Option<usize>,
    /// Where its acknowledgements go.
    pub(crate) acks_to: Option<Endpoint>,
    /// The other sequence of the pair.
    pub(crate) peer: Option<usize>,
    /// The messages by number, each with its transmissions.
    pub(crate) messages: BTreeMap<u64, Vec<Transmission>>,
    /// The numbers whose message came.
    pub(crate) arrived: NumberSet,
    pub(crate) acks: Vec<Arc<AckRecord>>,
    /// All that was ever acknowledged.
    pub(crate) acknowledged: NumberSet,
    /// All that the source was told to be acknowledged.
    pub(crate) acknowledged_to_source: NumberSet,
    pub(crate) life: Vec<LifeRecord>,
    pub(crate) faults: Vec<FaultRecord>,
    /// The faults that name no sequence, in answer to a message of this one. What they say of it is likely, not sure: it
    /// excuses, and blames nobody.
    pub(crate) nameless_faults: Vec<FaultRecord>,
    /// How many numbers there are that none stands before, and that are none.
    gaps: u64,
    /// How many messages came with a number that another message had before.
    pub(crate) conflicts: u64,
    /// How many of these conflicts are the fault of the first of the two, which was before its turn.
    pub(crate) early: u64,
}

impl AckRecord {
    /// What this observation acknowledges, of which the numbers in `arrived` had come.
    pub(super) fn new(
        order: usize,
        observation: &Arc<Observation>,
        facts: &AcknowledgementFacts,
        arrived: &NumberSet,
    ) -> Self {
        let covered = facts.covered();
        let received = covered.without(&covered.without(arrived));
        let is_copy = observation.half == Half::Copy;
        Self {
            order,
            observation: Arc::clone(observation),
            covered_by_then: covered.clone(),
            received_by_then: if is_copy { NumberSet::default() } else { received.clone() },
            covered,
            received,
            buffer: facts.buffer_remaining(),
        }
    }
}

impl FaultRecord {
    /// Whether it ends the sequence that it is about.
    fn ends(&self) -> bool {
        matches!(
            self.name.as_str(),
            "SequenceTerminated"
                | "UnknownSequence"
                | "InvalidAcknowledgement"
                | "LastMessageNumberExceeded"
                | "SequenceClosed"
        )
    }
}

impl Transmission {
    /// Whether the other is the same message, sent again. A reply answers the request that it answered first.
    pub(crate) fn is_same_message(&self, other: &Self) -> bool {
        let same_action = self.action == other.action || self.action.is_none() || other.action.is_none();
        let same_request = self.answers.is_none() || other.answers.is_none() || self.answers == other.answers;
        self.is_broken
            || other.is_broken
            || (same_request && self.fingerprint == other.fingerprint && same_action)
    }
}

impl AcknowledgementFacts {
    /// The numbers that the acknowledgement covers; ranges that are none cover nothing.
    pub(crate) fn covered(&self) -> NumberSet {
        let mut covered = NumberSet::default();
        for range in &self.ranges {
            if let (Some(lower), Some(upper)) = (range.lower, range.upper) {
                covered.add(lower.max(1), upper);
            }
        }
        covered
    }
}

impl SequenceView {
    pub(super) fn new(identifier: &str, source: Party, origin: Origin) -> Self {
        Self {
            identifier: identifier.to_owned(),
            source,
            origin,
            rm: None,
            soap: None,
            addressing: None,
            granted: None,
            acks_to: None,
            peer: None,
            messages: BTreeMap::new(),
            arrived: NumberSet::default(),
            acks: Vec::new(),
            acknowledged: NumberSet::default(),
            acknowledged_to_source: NumberSet::default(),
            life: Vec::new(),
            faults: Vec::new(),
            nameless_faults: Vec::new(),
            gaps: 0,
            conflicts: 0,
            early: 0,
        }
    }

    pub(super) fn transmit(&mut self, number: u64, transmission: Transmission) {
        let is_conflict = self.first(number).is_some_and(|first| !first.is_same_message(&transmission));
        self.conflicts += u64::from(is_conflict || transmission.is_misplaced);
        self.early += u64::from(is_conflict && self.is_early(number));
        if self.first(number).is_none() {
            self.count_gaps(number);
        }
        if transmission.observation.is_delivered() {
            self.arrived.add(number, number);
        }
        self.messages.entry(number).or_default().push(transmission);
    }

    pub(super) fn acknowledge(&mut self, mut record: AckRecord) {
        self.acknowledged.add_all(&record.covered);
        if record.observation.is_delivered() {
            self.acknowledged_to_source.add_all(&record.covered);
        }
        if let Some(last) = self.acks.last() {
            record.covered_by_then.add_all(&last.covered_by_then);
            record.received_by_then.add_all(&last.received_by_then);
        }
        self.acks.push(Arc::new(record));
    }

    fn count_gaps(&mut self, number: u64) {
        let is_sent = |number: Option<u64>| number.is_some_and(|number| self.messages.contains_key(&number));
        let opens = number == 0 || (number > 1 && !is_sent(number.checked_sub(1)));
        let closes = number > 0 && is_sent(number.checked_add(1));
        self.gaps = (self.gaps + u64::from(opens)).saturating_sub(u64::from(closes));
    }

    /// How many messages came, up to now, with a number that none stands before, or that another message had.
    pub(crate) const fn irregular(&self) -> u64 {
        self.gaps.saturating_add(self.conflicts)
    }

    /// Whether a number was used before its turn: the one below has never been used.
    pub(crate) fn is_early(&self, number: u64) -> bool {
        number > 1 && !self.messages.contains_key(&(number - 1))
    }

    /// The first transmission of a number.
    pub(crate) fn first(&self, number: u64) -> Option<&Transmission> {
        self.messages.get(&number).and_then(|transmissions| transmissions.first())
    }

    /// Whether the source has ended the sequence, or either side has by a fault.
    pub(crate) fn is_over(&self) -> bool {
        self.had(LifecycleKind::Terminate, self.source) || self.is_faulted()
    }

    /// The same of a moment: whether it was so before.
    pub(crate) fn was_over(&self, before: usize) -> bool {
        let ended = self.life_of(LifecycleKind::Terminate, self.source).any(|record| record.order < before);
        let mut faults = self.faults.iter().chain(&self.nameless_faults);
        ended || faults.any(|fault| fault.order < before && fault.ends())
    }

    /// The numbers that are marked as the last.
    pub(crate) fn last_numbers(&self) -> Vec<u64> {
        let marked = self.messages.iter().filter(|(_, sent)| sent.iter().any(|one| one.is_last));
        marked.map(|(number, _)| *number).collect()
    }

    /// Who receives the messages.
    pub(crate) const fn destination(&self) -> Party {
        self.source.other()
    }

    /// Whether the trace shows the sequence from its beginning.
    pub(crate) const fn is_whole(&self) -> bool {
        !matches!(self.origin, Origin::Seen)
    }

    /// Whether acknowledgements go to the other end of the HTTP exchange. The messages of an offered sequence travel
    /// on responses, which nothing can come back for.
    pub(crate) fn is_anonymous(&self) -> bool {
        !matches!(self.origin, Origin::Offered(_))
            && self.acks_to.as_ref().is_some_and(Endpoint::is_anonymous)
    }

    /// The highest number that was sent.
    pub(crate) fn highest_sent(&self) -> Option<u64> {
        self.messages.keys().next_back().copied()
    }

    /// The messages of this kind by this party.
    pub(crate) fn life_of(&self, kind: LifecycleKind, by: Party) -> impl Iterator<Item = &LifeRecord> {
        self.life.iter().filter(move |record| record.kind == kind && record.observation.sender == by)
    }

    /// Whether there was a message of this kind by this party.
    pub(crate) fn had(&self, kind: LifecycleKind, by: Party) -> bool {
        self.life_of(kind, by).next().is_some()
    }

    /// When the destination said that the sequence is closed: its CloseSequenceResponse, or a CloseSequence of its own.
    pub(crate) fn closed_at(&self) -> Option<usize> {
        let by = self.destination();
        let response = self.life_of(LifecycleKind::CloseResponse, by).map(|record| record.order);
        response.chain(self.life_of(LifecycleKind::Close, by).map(|record| record.order)).min()
    }

    /// What was acknowledged up to and without this moment.
    pub(crate) fn acknowledged_before(&self, order: usize) -> NumberSet {
        self.last_before(order).map(|record| record.covered_by_then.clone()).unwrap_or_default()
    }

    /// What was acknowledged before this moment and had come. What had not come was acknowledged wrongly, and is found
    /// there.
    pub(crate) fn received_before(&self, order: usize) -> NumberSet {
        self.last_before(order).map(|record| record.received_by_then.clone()).unwrap_or_default()
    }

    fn last_before(&self, order: usize) -> Option<&AckRecord> {
        let count = self.acks.partition_point(|record| record.order < order);
        count.checked_sub(1).and_then(|last| self.acks.get(last)).map(AsRef::as_ref)
    }

    /// Whether a fault ended the sequence.
    pub(crate) fn is_faulted(&self) -> bool {
        self.faults.iter().any(FaultRecord::ends)
    }
}
