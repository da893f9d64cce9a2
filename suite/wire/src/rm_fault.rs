//! The faults of WS-ReliableMessaging and how they ride in a SOAP fault.

use std::borrow::Cow;

use crate::{Acknowledged, Fragment, QName};

/// The `SequenceFault` header, by which SOAP 1.1 carries code and detail of an RM fault (WS-RM 1.1 section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceFault<'a> {
    /// The RM fault code.
    pub code: QName<'a>,
    /// The detail: directly inside in February 2005, inside `Detail` in 200702.
    pub detail: Option<Fragment<'a>>,
}

/// A fault that WS-ReliableMessaging, or WCF's extension of it, defines (WS-RM 1.1 section 4; MS-WSRVCRM for
/// `ConnectionLimitReached`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RmFault<'a> {
    /// The sequence ended before its time.
    SequenceTerminated {
        /// The sequence.
        identifier: Cow<'a, str>,
    },
    /// No such sequence.
    UnknownSequence {
        /// The sequence.
        identifier: Cow<'a, str>,
    },
    /// The acknowledgement takes back what it said, or names what was never sent.
    InvalidAcknowledgement {
        /// The sequence.
        identifier: Cow<'a, str>,
        /// What the offending acknowledgement said.
        acknowledged: Acknowledged,
    },
    /// The numbers of the sequence are used up.
    MessageNumberRollover {
        /// The sequence.
        identifier: Cow<'a, str>,
        /// `MaxMessageNumber`; 200702 only.
        max_message_number: Option<u64>,
    },
    /// A message came behind the last one; February 2005 only.
    LastMessageNumberExceeded {
        /// The sequence.
        identifier: Cow<'a, str>,
    },
    /// The sequence takes no further message; 200702 only.
    SequenceClosed {
        /// The sequence.
        identifier: Cow<'a, str>,
    },
    /// The destination will not make a sequence.
    CreateSequenceRefused,
    /// The destination has as many sessions as it takes (`netrm:ConnectionLimitReached` below
    /// `CreateSequenceRefused`; SOAP 1.1 shows only the latter).
    ConnectionLimitReached,
    /// The endpoint takes no message outside a sequence; 200702 only.
    WsrmRequired,
}
