//! Bytes as text: encodings, times, lines.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The bytes in UTF-8 without a byte order mark: UTF-16 is what a file becomes that was copied by way of an editor or a
/// shell of Windows. What is no text comes back as it is.
pub(super) fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let units = |of: fn([u8; 2]) -> u16| {
        let units = bytes.get(2..).unwrap_or_default().chunks_exact(2);
        let units = units.map(|pair| of(pair.try_into().unwrap_or_default()));
        let text: String =
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Cow::Owned(text.into_bytes())
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(rest),
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        _ => Cow::Borrowed(bytes),
    }
}

/// A moment in the forms of ISO 8601 that .NET and browsers write. Without an offset it is taken for UTC: within one file
/// only differences count. The year 1 is how .NET writes that there is no time.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let local = text.parse::<DateTime>().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    (time.as_second() > YEAR_2).then_some(time)
}

/// The start of the year 2, in seconds from 1970.
const YEAR_2: i64 = -62_104_060_800;

/// The line, counted from 1, in which a byte stands; asked for places that only grow.
#[derive(Debug, Default)]
pub(super) struct Lines {
    line: usize,
    at: usize,
}

impl Lines {
    pub(super) fn of(&mut self, text: &[u8], byte: usize) -> usize {
        let between = text.get(self.at..byte).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', between).count();
        self.at = self.at.max(byte);
        self.line + 1
    }
}

/// The start of a text, on one line, for a message to a reader.
pub(super) fn excerpt(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = words.chars().take(120).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::offset("2026-11-20T09:30:00.0370000+01:00", Some(1_795_163_400_037))]
    #[case::universal("2026-11-20T08:30:00.0370000Z", Some(1_795_163_400_037))]
    #[case::no_offset("2026-11-20T08:30:00.037", Some(1_795_163_400_037))]
    #[case::blank("2026-11-20 08:30:00", Some(1_795_163_400_000))]
    #[case::negative_offset("2026-11-20T03:30:00-05:00", Some(1_795_163_400_000))]
    #[case::none("0001-01-01T00:00:00", None)]
    #[case::none_with_offset("0001-01-01T00:00:00.0000000+01:00", None)]
    #[case::no_time("yesterday", None)]
    #[case::empty("", None)]
    fn reads_times(#[case] text: &str, #[case] millis: Option<i64>) {
        assert_eq!(moment(text).map(Timestamp::as_millisecond), millis);
    }

    #[rstest]
    #[case::plain(b"ab", b"ab")]
    #[case::marked(b"\xef\xbb\xbfab", b"ab")]
    #[case::little(b"\xff\xfea\0b\0", b"ab")]
    #[case::big(b"\xfe\xff\0a\0b", b"ab")]
    #[case::half(b"\xff\xfea\0b", b"a")]
    #[case::lone_surrogate(b"\xff\xfe\x00\xd8", "\u{fffd}".as_bytes())]
    fn undoes_encodings(#[case] bytes: &[u8], #[case] text: &[u8]) {
        assert_eq!(utf8(bytes).as_ref(), text);
    }

    #[test]
    fn counts_lines() {
        let mut lines = Lines::default();
        let found: Vec<_> = [0, 1, 2, 5, 6].map(|byte| lines.of(b"a\nbc\n\nd", byte)).to_vec();
        assert_eq!(found, [1, 1, 2, 3, 4]);
    }
}
