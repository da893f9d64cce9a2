//! How much of a recording comes back byte for byte when it is read into meaning and written again.

use std::fmt;
use std::ops::AddAssign;

use wsrm_wire::{Limits, RoundTrip, round_trip};

use crate::recording::{HttpMessage, Recording};
use crate::replay::Stack;

/// Messages that were read and written again, and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fidelity {
    /// SOAP messages that a WCF wrote.
    pub wcf: Counts,
    /// SOAP messages that a script or another stack wrote, in whatever form it likes.
    pub others: Counts,
    /// Bodies that are no SOAP message: HTML, WSDL, Fast Infoset, and what was broken on purpose.
    pub unreadable: usize,
}

/// What became of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// The same bytes came back.
    pub identical: usize,
    /// The same infoset came back, in WCF's form.
    pub equivalent: usize,
    /// Something else came back.
    pub changed: usize,
}

impl Fidelity {
    /// Reads and writes every message of a recording, copies included.
    pub fn measure(recording: &Recording) -> Self {
        let scenario = recording.scenario();
        let (client, service) = (Stack::of(&scenario.client), Stack::of(&scenario.service));
        let mut fidelity = Self::default();
        for exchange in recording.exchanges() {
            fidelity.count(client, Some(&exchange.request));
            fidelity.count(service, exchange.response.as_ref());
            for copy in &exchange.copies {
                fidelity.count(client, copy.request.as_ref());
                fidelity.count(service, copy.response.as_ref());
            }
        }
        fidelity
    }

    fn count(&mut self, writer: Stack, message: Option<&HttpMessage>) {
        let Some(body) = message.map(HttpMessage::body).filter(|body| !body.is_empty()) else { return };
        let counts = match writer {
            Stack::Wcf => &mut self.wcf,
            Stack::Foreign | Stack::Scripted => &mut self.others,
        };
        match round_trip(body, &Limits::default()) {
            Ok(RoundTrip::Identical) => counts.identical += 1,
            Ok(RoundTrip::Equivalent { .. }) => counts.equivalent += 1,
            Err(error) if error.is_of_the_message() => self.unreadable += 1,
            Err(_) => counts.changed += 1,
        }
    }
}

impl Counts {
    /// How many messages there were.
    pub const fn messages(self) -> usize {
        self.identical + self.equivalent + self.changed
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.identical += other.identical;
        self.equivalent += other.equivalent;
        self.changed += other.changed;
    }
}

impl AddAssign for Fidelity {
    fn add_assign(&mut self, other: Self) {
        self.wcf += other.wcf;
        self.others += other.others;
        self.unreadable += other.unreadable;
    }
}

impl fmt::Display for Fidelity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wcf, others, unreadable } = self;
        write!(
            f,
            "{} of {} messages that WCF wrote come back byte for byte; of {} others {} do, {} with an equal \
             infoset, {} changed; {unreadable} are no SOAP",
            wcf.identical,
            wcf.messages(),
            others.messages(),
            others.identical,
            others.equivalent,
            others.changed,
        )
    }
}
