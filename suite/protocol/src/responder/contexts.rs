//! The requests of a two-way session that are not done with, and the replies that are kept for them.

use std::collections::VecDeque;

use wsrm_wire::{Fragment, QName};

use crate::ranges::SequenceRanges;
use crate::{ExchangeId, Identifier};

/// What a reply says.
#[derive(Debug)]
pub(super) enum Content {
    /// A message of the application, or its fault.
    Application { action: String, body: Fragment<'static>, is_fault: bool },
    /// The fault about a header that was not understood.
    NotUnderstood(QName<'static>),
    /// RM 1.0's LastMessage, which has no content.
    Empty,
}

/// A reply that has its place in the sequence of replies.
#[derive(Debug)]
pub(super) struct Reply {
    /// Its number in that sequence.
    pub(super) number: u64,
    pub(super) is_last: bool,
    pub(super) content: Content,
}

/// What has become of a request.
///
/// ```text
///   Pending ──reply──▶ Replied ──acknowledged──▶ (forgotten)
///      ├──────no reply──────────────────────────▶ (forgotten)
///      └──reply to the last message, RM 1.0──▶ Withheld ──service closes──▶ Replied
/// ```
#[derive(Debug)]
pub(super) enum Progress {
    /// The application has it, or will get it.
    Pending,
    /// The reply to the message that carried RM 1.0's LastMessage: it is sent when the service closes its side.
    Withheld(Content),
    /// The reply is known.
    Replied(Reply),
}

/// A request that was taken.
#[derive(Debug)]
pub(super) struct Context {
    /// Its number in the sequence of requests.
    pub(super) number: u64,
    /// Its MessageID, to which the reply relates.
    pub(super) message_id: Option<Identifier>,
    /// The exchanges that wait for the outcome: that of the request, and those of its duplicates.
    pub(super) waiting: Vec<ExchangeId>,
    /// What had been received when the request came: the acknowledgement of an operation without reply says this.
    pub(super) received: SequenceRanges,
    pub(super) progress: Progress,
}

/// The requests of a two-way session that are not done with.
///
/// A request is done with when its operation turned out to have no reply, or when the client has acknowledged the
/// reply. The request that carried RM 1.0's LastMessage is kept to the end of the session.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    /// Ascending by number, which is the order of arrival in an ordered session.
    requests: VecDeque<Context>,
    /// Replies that were not acknowledged: their numbers, ascending, and those of their requests.
    unacknowledged: VecDeque<(u64, u64)>,
    last: Option<Box<Context>>,
    last_reply: u64,
}

impl Contexts {
    /// Whether nothing is pending and every reply was acknowledged; the last message does not count.
    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// How many operations have not had their outcome.
    pub(super) fn pending(&self) -> usize {
        self.requests.len().saturating_sub(self.unacknowledged.len())
    }

    /// How many replies were not acknowledged.
    pub(super) fn unacknowledged(&self) -> usize {
        self.unacknowledged.len()
    }

    /// Adds a request; its number must not be there.
    pub(super) fn add(&mut self, context: Context) {
        let index = self.requests.partition_point(|other| other.number < context.number);
        self.requests.insert(index, context);
    }

    /// Makes `context` that of RM 1.0's last message.
    pub(super) fn set_last(&mut self, context: Box<Context>) {
        self.last = Some(context);
    }

    /// Takes the context of RM 1.0's last message out.
    pub(super) fn take_last(&mut self) -> Option<Box<Context>> {
        self.last.take()
    }

    /// The context of request `number`, the last message's included.
    pub(super) fn find(&self, number: u64) -> Option<&Context> {
        let index = self.requests.partition_point(|other| other.number < number);
        let found = self.requests.get(index).filter(|context| context.number == number);
        found.or_else(|| self.last.as_deref().filter(|context| context.number == number))
    }

    /// The context of request `number`, the last message's included.
    pub(super) fn find_mut(&mut self, number: u64) -> Option<&mut Context> {
        let index = self.requests.partition_point(|other| other.number < number);
        match self.requests.get_mut(index).filter(|context| context.number == number) {
            Some(context) => Some(context),
            None => self.last.as_deref_mut().filter(|context| context.number == number),
        }
    }

    /// The context of a request whose outcome is still open, other than a [`Progress::Withheld`] one.
    pub(super) fn find_pending_mut(&mut self, number: u64) -> Option<&mut Context> {
        let index = self.requests.partition_point(|other| other.number < number);
        self.requests
            .get_mut(index)
            .filter(|context| context.number == number && matches!(context.progress, Progress::Pending))
    }

    /// Forgets request `number`.
    pub(super) fn remove(&mut self, number: u64) -> Option<Context> {
        let index = self.requests.partition_point(|other| other.number < number);
        self.requests.get(index).filter(|context| context.number == number)?;
        self.requests.remove(index)
    }

    /// The number of a new reply.
    pub(super) fn next_reply_number(&mut self) -> u64 {
        self.last_reply += 1;
        self.last_reply
    }

    /// Remembers that reply `number` to `request` waits for its acknowledgement.
    pub(super) fn keep(&mut self, number: u64, request: u64) {
        self.unacknowledged.push_back((number, request));
    }

    /// Forgets the requests whose replies are acknowledged.
    pub(super) fn acknowledge(&mut self, acknowledged: &SequenceRanges) {
        let requests = &mut self.requests;
        self.unacknowledged.retain(|&(reply, request)| {
            let keep = !acknowledged.contains(reply);
            if !keep {
                let index = requests.partition_point(|other| other.number < request);
                if requests.get(index).is_some_and(|context| context.number == request) {
                    requests.remove(index);
                }
            }
            keep
        });
    }

    /// Every exchange that waits; the contexts are of no further use.
    pub(super) fn take_waiting(&mut self) -> Vec<ExchangeId> {
        let last = self.last.as_deref_mut().into_iter();
        self.requests.iter_mut().chain(last).flat_map(|context| context.waiting.drain(..)).collect()
    }

    /// Lets go of an exchange whose client is gone.
    pub(super) fn forget_exchange(&mut self, exchange: ExchangeId) {
        let last = self.last.as_deref_mut().into_iter();
        for context in self.requests.iter_mut().chain(last) {
            context.waiting.retain(|&other| other != exchange);
        }
    }
}
