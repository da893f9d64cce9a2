//! Values: identifiers, numbers, durations, URIs, qualified names.

use std::borrow::Cow;

use crate::infoset::Attribute;
use crate::{Element, MessageNumber, QName, ReadError, RmVersion};

/// The text of an element that holds nothing but text, without white space around it.
pub(super) fn token<'i>(element: Element<'i>, clause: &str) -> Result<Cow<'i, str>, ReadError> {
    match element.elements().next() {
        None => Ok(element.token()),
        Some(child) => Err(ReadError::within(
            child,
            format!("an element in {}, which holds text only ({clause})", element.local()),
        )),
    }
}

/// The text of an element that holds nothing but text, as it is.
pub(super) fn text<'i>(element: Element<'i>, clause: &str) -> Result<Cow<'i, str>, ReadError> {
    token(element, clause).map(|_| element.text())
}

/// An identifier: any text but the empty one. That it is a URI is not checked, as WCF does not.
pub(super) fn identifier<'i>(element: Element<'i>, clause: &str) -> Result<Cow<'i, str>, ReadError> {
    let token = token(element, clause)?;
    if token.is_empty() {
        return Err(ReadError::element(element, format!("an empty {} ({clause})", element.local())));
    }
    Ok(token)
}

/// An integer as .NET reads one: a sign is allowed.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// A number from `least` to 2^63 - 1.
pub(super) fn number(element: Element<'_>, least: i64, clause: &str) -> Result<u64, ReadError> {
    let token = token(element, clause)?;
    in_range(&token, least, i64::MAX).ok_or_else(|| {
        let local = element.local();
        ReadError::element(
            element,
            format!(
                "{local} is {token}, not an integer from {least} to {} ({clause})",
                i64::MAX,
                token = shown(&token)
            ),
        )
    })
}

/// The number of a message.
pub(super) fn message_number(element: Element<'_>, clause: &str) -> Result<MessageNumber, ReadError> {
    let value = number(element, 1, clause)?;
    // `number` has checked the range already.
    Ok(MessageNumber::new(value).unwrap_or(MessageNumber::FIRST))
}

/// A number from 0 to 2^31 - 1.
pub(super) fn small_number(element: Element<'_>, clause: &str) -> Result<u32, ReadError> {
    let token = token(element, clause)?;
    let value = in_range(&token, 0, i64::from(i32::MAX)).and_then(|value| u32::try_from(value).ok());
    value.ok_or_else(|| {
        let local = element.local();
        ReadError::element(
            element,
            format!(
                "{local} is {token}, not an integer from 0 to {} ({clause})",
                i32::MAX,
                token = shown(&token)
            ),
        )
    })
}

/// The value of an attribute that is a number from 0 to 2^63 - 1.
pub(super) fn attribute_number(
    element: Element<'_>,
    attribute: Attribute<'_>,
    clause: &str,
) -> Result<u64, ReadError> {
    let value = crate::infoset::trim(attribute.value());
    in_range(&value, 0, i64::MAX).ok_or_else(|| {
        ReadError::new(
            element.infoset(),
            attribute.value_span(),
            super::ReadErrorKind::Structure,
            format!(
                "{} is {value}, not an integer from 0 to {} ({clause})",
                attribute.local(),
                i64::MAX,
                value = shown(&value)
            ),
        )
    })
}

fn in_range(text: &str, least: i64, most: i64) -> Option<u64> {
    integer(text).filter(|value| (least..=most).contains(value)).and_then(|value| u64::try_from(value).ok())
}

/// An `xs:duration` (XML Schema part 2 section 3.2.6), kept as written.
pub(super) fn duration<'i>(element: Element<'i>, clause: &str) -> Result<Cow<'i, str>, ReadError> {
    let token = token(element, clause)?;
    if is_duration(&token) {
        return Ok(token);
    }
    let local = element.local();
    Err(ReadError::element(
        element,
        format!("{local} is {token}, not an xs:duration ({clause})", token = shown(&token)),
    ))
}

fn is_duration(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let Some(period) = unsigned.strip_prefix('P') else { return false };
    let (date, time) = match period.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (period, None),
    };
    let (Some(date_parts), time_parts) =
        (fields(date, &['Y', 'M', 'D']), time.map_or(Some(0), |time| fields(time, &['H', 'M', 'S'])))
    else {
        return false;
    };
    match (time, time_parts) {
        (_, None) | (Some(_), Some(0)) => false,
        (_, Some(time_parts)) => date_parts + time_parts > 0,
    }
}

/// How many number and unit pairs `text` is made of, if it is; units come in order, the last may have a fraction.
fn fields(text: &str, units: &[char]) -> Option<usize> {
    let mut units = units.iter();
    let mut rest = text;
    let mut count = 0;
    while !rest.is_empty() {
        let at = rest.find(|char: char| char.is_ascii_alphabetic())?;
        let (number, after) = rest.split_at(at);
        let mut after_chars = after.chars();
        let unit = after_chars.next()?;
        units.find(|known| **known == unit)?;
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let good = match number.split_once('.') {
            Some((whole, fraction)) => unit == 'S' && is_digits(whole) && is_digits(fraction),
            None => is_digits(number),
        };
        if !good {
            return None;
        }
        count += 1;
        rest = after_chars.as_str();
    }
    Some(count)
}

/// Refuses content in an element that is a mark and nothing else.
pub(super) fn mark(element: Element<'_>, clause: &str) -> Result<(), ReadError> {
    if element.is_blank() {
        return Ok(());
    }
    Err(ReadError::element(element, format!("{} with content ({clause})", element.local())))
}

/// A qualified name in content.
pub(super) fn qualified_name<'i>(element: Element<'i>, clause: &str) -> Result<QName<'i>, ReadError> {
    let token = token(element, clause)?;
    let resolved = match &token {
        Cow::Borrowed(token) => element
            .resolve(token)
            .map(|(namespace, local)| QName { namespace: namespace.into(), local: local.into() }),
        Cow::Owned(token) => element
            .resolve(token)
            .map(|(namespace, local)| QName { namespace: namespace.into(), local: local.to_owned().into() }),
    };
    resolved.ok_or_else(|| {
        let local = element.local();
        ReadError::element(
            element,
            format!(
                "{local} is {token}, not a QName with a declared prefix ({clause})",
                token = shown(&token)
            ),
        )
    })
}

/// A value in an error, in quotation marks. A long one is cut, so that errors stay small whatever the message is.
pub(super) fn shown(value: &str) -> String {
    const MOST: usize = 80;
    match value.char_indices().nth(MOST) {
        None => format!("{value:?}"),
        Some((end, _)) => format!("{:?}...", value.get(..end).unwrap_or_default()),
    }
}

/// The section of the specification that a grammar stands in: that of 200702, that of February 2005.
pub(super) const fn clause(rm: RmVersion, v200702: &'static str, february2005: &'static str) -> &'static str {
    match rm {
        RmVersion::V200702 => v200702,
        RmVersion::February2005 => february2005,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    #[rstest]
    #[case("PT10M", true)]
    #[case("PT0S", true)]
    #[case("-P1Y2M3DT4H5M6.789S", true)]
    #[case("P1D", true)]
    #[case("PT1.5S", true)]
    #[case("", false)]
    #[case("P", false)]
    #[case("PT", false)]
    #[case("P1DT", false)]
    #[case("10M", false)]
    #[case("PT1.5M", false)]
    #[case("PT.5S", false)]
    #[case("P1M1Y", false)]
    #[case("PT5", false)]
    #[case("garbage", false)]
    fn durations(#[case] text: &str, #[case] good: bool) {
        assert_eq!(super::is_duration(text), good);
    }

    #[rstest]
    #[case("1", Some(1))]
    #[case("+1", Some(1))]
    #[case("-1", Some(-1))]
    #[case("007", Some(7))]
    #[case("9223372036854775807", Some(i64::MAX))]
    #[case("9223372036854775808", None)]
    #[case("", None)]
    #[case("+", None)]
    #[case("1.0", None)]
    #[case("1 2", None)]
    #[case("0x1", None)]
    #[case("\u{0661}", None)]
    fn integers(#[case] text: &str, #[case] value: Option<i64>) {
        assert_eq!(super::integer(text), value);
    }
}
