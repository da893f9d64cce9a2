//! The application above our client: it takes the steps of the recorded one.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use wsrm_protocol::{CallId, InitiatorEvent, OutgoingMessage, Timestamp};

use super::plan::{Doing, Plan, Wanted, call};
use crate::recording::{Contract, Step};

/// What the application wishes to be done.
pub(super) enum Wish {
    Nothing,
    Open,
    Call {
        message: OutgoingMessage,
        two_way: bool,
        /// Whether the application waits for the end of the call before it goes on.
        awaited: bool,
    },
    Close,
    Abort,
}

/// A sequential program of steps.
#[derive(Debug)]
pub(super) struct Application {
    steps: VecDeque<Doing>,
    contract: Contract,
    gap: Duration,
    waiting: Waiting,
    /// Calls that have not ended.
    running: BTreeSet<CallId>,
    /// Calls made so far; each takes a number of the sequence.
    calls: u64,
    opened: bool,
    over: bool,
    ended: Option<Timestamp>,
}

/// What the application waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// For a moment.
    Until(Timestamp),
    /// For the session to open.
    Open,
    /// For the call that is made just now, or this one.
    Call(Option<CallId>),
    /// For all calls.
    Calls,
    /// For the session to end.
    Close,
}

impl Application {
    pub(super) fn new(plan: &Plan<'_>) -> Self {
        Self {
            steps: plan.steps.clone(),
            contract: plan.binding.contract,
            gap: plan.binding.gap,
            waiting: Waiting::Until(Timestamp::ZERO),
            running: BTreeSet::new(),
            calls: 0,
            opened: false,
            over: false,
            ended: None,
        }
    }

    /// When the next step can be taken.
    pub(super) fn ready_at(&self) -> Option<Timestamp> {
        match self.waiting {
            Waiting::Until(at) if self.ended.is_none() => Some(at),
            _ => None,
        }
    }

    pub(super) fn finished(&self) -> bool {
        self.ended.is_some()
    }

    /// When the last step was taken.
    pub(super) fn end(&self) -> Option<Timestamp> {
        self.ended
    }

    /// Whether no call is under way that could hold the next one back.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// Whether the program has taken no step like the next one yet, so that it may have code to load for it.
    pub(super) fn is_new_to_the_next_step(&self) -> bool {
        match self.steps.front() {
            Some(Doing::Call { .. }) => self.calls == 0,
            Some(Doing::Step(step)) if step.is_call() => self.calls == 0,
            _ => true,
        }
    }

    /// Which messages the next step may be behind. Chance decides in which order messages whose numbers have been
    /// given out reach the wire, so it may be any from its own number on.
    pub(super) fn next_message(&self) -> Option<Wanted> {
        if self.over {
            return None;
        }
        match self.steps.front() {
            Some(Doing::Step(Step::Open)) => Some(Wanted::Creation),
            Some(Doing::Step(Step::Close)) => Some(Wanted::End),
            Some(Doing::Step(Step::Abort)) | None => Some(Wanted::Fault),
            Some(Doing::Call { .. }) => Some(Wanted::NumberedFrom(self.calls + 1)),
            Some(Doing::Step(step)) => step.is_call().then_some(Wanted::NumberedFrom(self.calls + 1)),
        }
    }

    /// Takes the next step.
    pub(super) fn wish(&mut self, plan: &Plan<'_>, now: Timestamp) -> Wish {
        let Some(doing) = self.next_step(plan) else {
            // The program ends as it began: with nobody to tell. A session that is still open is aborted.
            self.ended = Some(now);
            return if self.opened && !self.over { Wish::Abort } else { Wish::Nothing };
        };
        self.waiting = Waiting::Until(now);
        let step = match doing {
            Doing::Step(step) => step,
            Doing::Call { message, two_way } => return self.make(message, two_way, None),
        };
        match step {
            Step::Open => {
                self.waiting = Waiting::Open;
                Wish::Open
            }
            Step::Echo(text) => self.make(call(self.contract, "Echo", &text), true, None),
            Step::Send(text) => self.make(call(self.contract, "Send", &text), false, None),
            Step::Big(letters) => self.make(call(self.contract, "Echo", &"a".repeat(letters)), true, None),
            Step::EchoAsync(text) => {
                self.make(call(self.contract, "Echo", &text), true, Some(now + self.gap))
            }
            Step::SendAsync(text) => {
                self.make(call(self.contract, "Send", &text), false, Some(now + self.gap))
            }
            Step::Wait => {
                if !self.running.is_empty() {
                    self.waiting = Waiting::Calls;
                }
                Wish::Nothing
            }
            Step::Sleep(pause) => {
                self.waiting = Waiting::Until(now + pause);
                Wish::Nothing
            }
            Step::Close if self.opened && !self.over => {
                self.waiting = Waiting::Close;
                Wish::Close
            }
            Step::Abort if self.opened && !self.over => Wish::Abort,
            Step::Close | Step::Abort | Step::Other(_) => Wish::Nothing,
        }
    }

    /// Notes the identifier of the call just made.
    pub(super) fn called(&mut self, call: CallId, awaited: bool) {
        self.running.insert(call);
        if awaited {
            self.waiting = Waiting::Call(Some(call));
        }
    }

    pub(super) fn observe(&mut self, now: Timestamp, event: &InitiatorEvent) {
        match event {
            InitiatorEvent::Opened { .. } => {
                self.opened = true;
                self.resume(now, Waiting::Open);
            }
            InitiatorEvent::Sent { call }
            | InitiatorEvent::Replied { call, .. }
            | InitiatorEvent::CallFailed { call, .. } => {
                self.running.remove(call);
                self.resume(now, Waiting::Call(Some(*call)));
                if self.running.is_empty() {
                    self.resume(now, Waiting::Calls);
                }
            }
            InitiatorEvent::Closed | InitiatorEvent::Faulted { .. } => {
                self.over = true;
                self.running.clear();
                if !matches!(self.waiting, Waiting::Until(_)) {
                    self.waiting = Waiting::Until(now);
                }
            }
        }
    }

    fn resume(&mut self, now: Timestamp, waiting: Waiting) {
        if self.waiting == waiting {
            self.waiting = Waiting::Until(now);
        }
    }

    fn make(&mut self, message: OutgoingMessage, two_way: bool, go_on: Option<Timestamp>) -> Wish {
        if !self.opened || self.over {
            if let Some(at) = go_on {
                self.waiting = Waiting::Until(at);
            }
            return Wish::Nothing;
        }
        self.calls += 1;
        self.waiting = go_on.map_or(Waiting::Call(None), Waiting::Until);
        Wish::Call { message, two_way, awaited: go_on.is_none() }
    }

    /// The next step. Of calls that are made side by side chance decides which gets which number, so the one whose
    /// text the recording shows under the next number goes first.
    fn next_step(&mut self, plan: &Plan<'_>) -> Option<Doing> {
        let number = self.calls + 1;
        let recorded = plan
            .requests
            .iter()
            .find(|request| request.key.number() == Some(number))
            .and_then(|request| request.text.as_deref());
        let same_kind = |first: &Doing, other: &Doing| {
            matches!(
                (first, other),
                (Doing::Step(Step::EchoAsync(_)), Doing::Step(Step::EchoAsync(_)))
                    | (Doing::Step(Step::SendAsync(_)), Doing::Step(Step::SendAsync(_)))
            )
        };
        let found = self.steps.front().and_then(|first| {
            self.steps.iter().take_while(|other| same_kind(first, other)).position(|other| match other {
                Doing::Step(Step::EchoAsync(text) | Step::SendAsync(text)) => Some(text.as_str()) == recorded,
                _ => false,
            })
        });
        self.steps.remove(found.unwrap_or(0))
    }
}
