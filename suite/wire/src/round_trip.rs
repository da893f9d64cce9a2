//! How well a message survives being understood.

use thiserror::Error;

use crate::equivalence::{Difference, equivalent};
use crate::infoset::{Infoset, InfosetError, Limits};
use crate::{Envelope, ReadError, WireProfile};

/// What became of a message that was read into meaning and written again in WCF's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundTrip {
    /// The same bytes: the message is in WCF's form.
    Identical,
    /// The same infoset in another form.
    Equivalent {
        /// The message as WCF would have written it.
        written: Vec<u8>,
        /// The first byte that differs.
        offset: usize,
    },
}

/// Why a message did not survive.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RoundTripError {
    /// It is no XML document that SOAP allows.
    #[error("not readable: {0}")]
    Infoset(#[from] InfosetError),
    /// It is no SOAP message.
    #[error("no SOAP message: {0}")]
    Read(#[from] ReadError),
    /// What was written cannot be read.
    #[error("written wrongly: {0}")]
    Written(InfosetError),
    /// What was written says something else.
    #[error("changed: {0}")]
    Changed(Difference),
}

impl RoundTripError {
    /// Whether the message itself is to blame; otherwise this crate is.
    pub const fn is_of_the_message(&self) -> bool {
        matches!(self, Self::Infoset(_) | Self::Read(_))
    }
}

/// Reads a message into meaning, writes it, and compares.
///
/// # Errors
/// If the message cannot be read, or if the bytes written are not the same infoset: the latter is a fault of
/// this crate.
pub fn round_trip(message: &[u8], limits: &Limits) -> Result<RoundTrip, RoundTripError> {
    let infoset = Infoset::read(message, limits)?;
    let profile = WireProfile::detect(&infoset)?;
    let written = Envelope::read(&infoset, profile)?.to_bytes();
    if written == message {
        return Ok(RoundTrip::Identical);
    }
    let again = Infoset::read(&written, limits).map_err(RoundTripError::Written)?;
    equivalent(&infoset, &again).map_err(RoundTripError::Changed)?;
    let same = message.iter().zip(&written).take_while(|(left, right)| left == right).count();
    Ok(RoundTrip::Equivalent { written, offset: same })
}
