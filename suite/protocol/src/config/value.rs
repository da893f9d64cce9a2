//! Attribute values as .NET's configuration converts them.
//!
//! Booleans and numbers may have white space around them, booleans any case, numbers hexadecimal form; enumerations
//! are taken letter by letter. Everything is converted under the invariant culture.

use super::document::{Element, shorten};
use super::error::{ConfigurationError, ConfigurationErrors, ErrorKind, Location};
use crate::time_span::{TimeSpan, TimeSpanError};

/// Where an effective value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is written in the file.
    Written(Location),
    /// The binding's own default, which differs from that of WCF's binding element, or a setting that this binding
    /// fixes.
    Binding,
    /// The default of WCF's binding element.
    Default,
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// A value that WCF's binding element has when nothing is written.
    pub(super) fn by_default(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }

    /// A value that the binding has when nothing is written.
    pub(super) fn by_binding(value: T) -> Self {
        Self { value, origin: Origin::Binding }
    }
}

/// Why a text is no value, in our words and in .NET's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    allowed: String,
    /// Whether .NET could convert the text and then found the value wrong.
    converted: bool,
    wcf: String,
}

/// The errors met so far.
#[derive(Debug, Default)]
pub(super) struct Errors(Vec<ConfigurationError>);

impl Errors {
    pub(super) fn push(&mut self, error: ConfigurationError) {
        if self.0.len() < ConfigurationErrors::MAXIMUM {
            self.0.push(error);
        }
    }

    /// Nothing, or all that was met.
    pub(super) fn into_result(mut self) -> Result<(), ConfigurationErrors> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|error| (error.location.line, error.location.column));
        Err(ConfigurationErrors(self.0))
    }

    /// An attribute's value, where it is written and right.
    pub(super) fn value<T>(
        &mut self,
        element: Element<'_>,
        attribute: &str,
        convert: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<Sourced<T>> {
        let text = element.attribute(attribute)?;
        let location = element.attribute_location(attribute);
        match convert(text) {
            Ok(value) => Some(Sourced { value, origin: Origin::Written(location) }),
            Err(refusal) => {
                let wcf = if refusal.converted {
                    format!(
                        "The value for the property '{attribute}' is not valid. The error is: {}",
                        refusal.wcf
                    )
                } else {
                    format!(
                        "The value of the property '{attribute}' cannot be parsed. The error is: {}",
                        refusal.wcf
                    )
                };
                self.push(ConfigurationError {
                    location,
                    kind: ErrorKind::Value,
                    message: format!("{attribute}=\"{}\" is not allowed", shorten(text)),
                    allowed: Some(refusal.allowed),
                    wcf: Some(wcf),
                });
                None
            }
        }
    }

    /// Refuses attributes that are not in the list, as .NET does.
    pub(super) fn only_attributes(&mut self, element: Element<'_>, known: &[&[&str]]) {
        for attribute in element.attributes() {
            let name = attribute.name.as_str();
            // Every configuration element may be locked.
            if known.iter().any(|known| known.contains(&name)) || name.starts_with("lock") {
                continue;
            }
            let known: Vec<_> = known.iter().flat_map(|known| known.iter().copied()).collect();
            let meant = known.iter().find(|known| known.eq_ignore_ascii_case(name));
            let hint = meant.map_or(String::new(), |meant| format!("; {meant} is meant, letters count"));
            self.push(ConfigurationError {
                location: element.attribute_location(name),
                kind: ErrorKind::UnknownAttribute,
                message: format!("<{}> has no attribute {}{hint}", shorten(element.name()), shorten(name)),
                allowed: Some(known.join(", ")),
                wcf: Some(format!(
                    "Unrecognized attribute '{}'. Note that attribute names are case-sensitive.",
                    shorten(name)
                )),
            });
        }
    }

    /// Refuses elements that are not in the list, as .NET does.
    pub(super) fn only_children(&mut self, element: Element<'_>, known: &[&str]) {
        for child in element.children() {
            let name = child.name();
            if known.contains(&name) || name.contains(':') {
                continue;
            }
            self.push(ConfigurationError {
                location: child.location(),
                kind: ErrorKind::UnknownElement,
                message: format!("<{}> has no place in <{}>", shorten(name), shorten(element.name())),
                allowed: (!known.is_empty()).then(|| known.join(", ")),
                wcf: Some(format!("Unrecognized element '{}'.", shorten(name))),
            });
        }
    }
}

/// A Boolean: `true` or `false` in any case.
pub(super) fn boolean(text: &str) -> Result<bool, Refusal> {
    let trimmed = text.trim();
    if trimmed.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if trimmed.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(not_converted(text, "Boolean", "true or false"))
    }
}

/// A 32-bit number within a range; hexadecimal after `0x`, `&h` or `#`.
pub(super) fn integer(minimum: i32, maximum: i32) -> impl FnOnce(&str) -> Result<u32, Refusal> {
    move |text| {
        let allowed = format!("{minimum} to {maximum}");
        let trimmed = text.trim();
        let digits = ["0x", "0X", "&h", "&H", "#"].iter().find_map(|prefix| trimmed.strip_prefix(prefix));
        let value = match digits {
            Some(digits) if !digits.starts_with('+') => {
                u32::from_str_radix(digits, 16).ok().map(u32::cast_signed)
            }
            Some(_) => None,
            None => trimmed.parse::<i32>().ok(),
        };
        let Some(value) = value else { return Err(not_converted(text, "Int32", &allowed)) };
        match u32::try_from(value) {
            Ok(count) if (minimum..=maximum).contains(&value) => Ok(count),
            _ => Err(Refusal {
                wcf: format!("The value must be inside the range {minimum}-{maximum}."),
                converted: true,
                allowed,
            }),
        }
    }
}

/// A time of at least `minimum` and at most 24.20:31:23.647, or `Infinite`.
pub(super) fn timeout(minimum: TimeSpan) -> impl FnOnce(&str) -> Result<TimeSpan, Refusal> {
    move |text| {
        let longest = TimeSpan::LONGEST_TIMEOUT;
        let allowed = format!("{minimum} to {longest} as [d.]hh:mm:ss[.fffffff], or Infinite");
        match TimeSpan::parse_or_infinite(text) {
            Ok(span) if span == TimeSpan::MAX || (minimum..=longest).contains(&span) => Ok(span),
            Ok(_) => Err(Refusal {
                wcf: format!("The value must be inside the range {minimum}-{longest}."),
                converted: true,
                allowed,
            }),
            Err(TimeSpanError::Format | TimeSpanError::Overflow) => {
                Err(not_converted(text, "TimeSpan", &allowed))
            }
        }
    }
}

/// One of some names, letter by letter.
pub(super) fn name_of<T: Copy>(names: &[(&'static str, T)]) -> impl FnOnce(&str) -> Result<T, Refusal> {
    move |text| {
        names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            let wcf = format!("The enumeration value must be one of the following: {}.", names.join(", "));
            Refusal { allowed: names.join(", "), converted: false, wcf }
        })
    }
}

impl Refusal {
    /// The same, in other words of .NET.
    pub(super) fn in_words(self, wcf: String) -> Self {
        Self { wcf, ..self }
    }
}

fn not_converted(text: &str, target: &str, allowed: &str) -> Refusal {
    Refusal {
        allowed: allowed.to_owned(),
        converted: false,
        wcf: format!("{} is not a valid value for {target}.", shorten(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("true", true)]
    #[case("True", true)]
    #[case(" FALSE ", false)]
    fn booleans(#[case] text: &str, #[case] value: bool) {
        assert_eq!(boolean(text), Ok(value));
    }

    #[rstest]
    #[case("1")]
    #[case("yes")]
    #[case("")]
    fn no_booleans(#[case] text: &str) {
        assert!(boolean(text).unwrap_err().wcf.ends_with("is not a valid value for Boolean."));
    }

    #[rstest]
    #[case("8", 8)]
    #[case(" 8 ", 8)]
    #[case("+8", 8)]
    #[case("0x10", 16)]
    #[case("#FF", 255)]
    #[case("&h0a", 10)]
    fn integers(#[case] text: &str, #[case] value: u32) {
        assert_eq!(integer(1, 4096)(text), Ok(value));
    }

    #[rstest]
    #[case("0", true)]
    #[case("4097", true)]
    #[case("-1", true)]
    #[case("0xFFFFFFFF", true)]
    #[case("2147483648", false)]
    #[case("8.0", false)]
    #[case("eight", false)]
    #[case("0x+8", false)]
    #[case("", false)]
    fn no_integers(#[case] text: &str, #[case] converted: bool) {
        assert_eq!(integer(1, 4096)(text).unwrap_err().converted, converted);
    }

    #[rstest]
    #[case("00:00:00", true)]
    #[case("-00:01:00", true)]
    #[case("24.20:31:23.6470001", true)]
    #[case("25", true)]
    #[case("ten minutes", false)]
    fn no_timeouts(#[case] text: &str, #[case] converted: bool) {
        assert_eq!(timeout(TimeSpan::TICK)(text).unwrap_err().converted, converted);
    }
}
