//! The `SequenceAcknowledgement` header.

use super::content::Content;
use super::value::{self, clause};
use crate::infoset::Attribute;
use crate::{
    Acknowledged, AcknowledgementRange, Element, ReadError, RmVersion, SequenceAcknowledgement, namespace,
};

/// Reads `Identifier AcknowledgementRange* [None] [Final] Nack* any*`.
///
/// Either ranges, or `None`, or `Nack`; February 2005 has neither `None` nor `Final`, which are extensions to it.
/// `netrm:BufferRemaining` may stand once anywhere among what follows.
pub(super) fn read<'i>(
    element: Element<'i>,
    rm: RmVersion,
) -> Result<SequenceAcknowledgement<'i>, ReadError> {
    let clause = clause(rm, "WS-RM 1.1 section 3.9", "WS-RM February 2005 section 3.2");
    let mut content = Content::of(element, clause)?;
    let identifier = value::identifier(content.require(rm.namespace(), "Identifier", clause)?, clause)?;
    let (acknowledged, is_final) = read_acknowledged(element, &mut content, rm, clause)?;
    let mut buffer_remaining = None;
    let mut extensions = Vec::new();
    while let Some(next) = content.take_any() {
        if next.is(namespace::NETRM, "BufferRemaining") {
            const CLAUSE: &str = "MS-WSRVCRM section 2.2.3.1";
            if buffer_remaining.is_some() {
                return Err(ReadError::within(next, format!("a second BufferRemaining ({CLAUSE})")));
            }
            buffer_remaining = Some(value::small_number(next, CLAUSE)?);
            continue;
        }
        if next.namespace() == rm.namespace() && is_out_of_place(next.local(), rm) {
            return Err(ReadError::within(next, format!("{} out of its place ({clause})", next.local())));
        }
        extensions.push(next.fragment());
    }
    Ok(SequenceAcknowledgement { identifier, acknowledged, is_final, buffer_remaining, extensions })
}

/// Whether an element behind the known ones is one of them, come too late.
fn is_out_of_place(local: &str, rm: RmVersion) -> bool {
    match local {
        "AcknowledgementRange" | "Nack" => true,
        "None" | "Final" => rm == RmVersion::V200702,
        _ => false,
    }
}

/// Reads what is acknowledged, and whether it is final.
pub(super) fn read_acknowledged<'i>(
    element: Element<'i>,
    content: &mut Content<'i>,
    rm: RmVersion,
    clause: &str,
) -> Result<(Acknowledged, bool), ReadError> {
    let namespace = rm.namespace();
    let is_v200702 = rm == RmVersion::V200702;
    let mut ranges = Vec::new();
    while let Some(range) = content.take(namespace, "AcknowledgementRange") {
        ranges.push(read_range(range, rm, clause)?);
    }
    let none = if is_v200702 { content.take(namespace, "None") } else { None };
    if let Some(none) = none {
        if !ranges.is_empty() {
            return Err(ReadError::within(none, format!("None beside AcknowledgementRange ({clause})")));
        }
        value::mark(none, clause)?;
    }
    let is_final = if is_v200702 { content.take(namespace, "Final") } else { None };
    if let Some(is_final) = is_final {
        if ranges.is_empty() && none.is_none() {
            return Err(ReadError::within(
                is_final,
                format!("Final without AcknowledgementRange or None ({clause})"),
            ));
        }
        value::mark(is_final, clause)?;
    }
    let mut missing = Vec::new();
    while let Some(nack) = content.take(namespace, "Nack") {
        if !ranges.is_empty() || none.is_some() {
            return Err(ReadError::within(
                nack,
                format!("Nack beside AcknowledgementRange or None ({clause})"),
            ));
        }
        missing.push(value::number(nack, 0, clause)?);
    }
    let acknowledged = match (ranges.is_empty(), none.is_some(), missing.is_empty()) {
        (false, ..) => Acknowledged::Ranges(ranges),
        (true, true, _) => Acknowledged::None,
        (true, false, false) => Acknowledged::Nack(missing),
        (true, false, true) => {
            let local = element.local();
            let due = if is_v200702 {
                "AcknowledgementRange, None or Nack"
            } else {
                "AcknowledgementRange or Nack"
            };
            let what = match content.next() {
                None => format!("{local} without {due} ({clause})"),
                Some(other) => format!("{} in {local} where {due} is due ({clause})", other.local()),
            };
            return Err(ReadError::within(content.next().unwrap_or(element), what));
        }
    };
    Ok((acknowledged, is_final.is_some()))
}

fn read_range(element: Element<'_>, rm: RmVersion, clause: &str) -> Result<AcknowledgementRange, ReadError> {
    value::mark(element, clause)?;
    let bound = |local: &str| -> Result<(u64, Attribute<'_>), ReadError> {
        let attribute = element
            .attributes()
            .find(|attribute| attribute.local() == local && attribute.namespace().is_empty())
            .ok_or_else(|| {
                ReadError::within(element, format!("AcknowledgementRange without {local} ({clause})"))
            })?;
        Ok((value::attribute_number(element, attribute, clause)?, attribute))
    };
    let (lower, lower_attribute) = bound("Lower")?;
    let (upper, _) = bound("Upper")?;
    let error = |what: String| {
        let span = lower_attribute.value_span();
        ReadError::new(element.infoset(), span, super::ReadErrorKind::Structure, format!("{what} ({clause})"))
    };
    if lower > upper {
        return Err(error(format!("a range from {lower} down to {upper}")));
    }
    let is_nothing = lower == 0 && upper == 0 && rm == RmVersion::February2005;
    if lower == 0 && !is_nothing {
        return Err(error("a range from 0, which no message has as its number".to_owned()));
    }
    Ok(AcknowledgementRange { lower, upper })
}
