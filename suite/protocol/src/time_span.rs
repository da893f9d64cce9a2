//! .NET's `TimeSpan`, as WCF configuration files write it and as WCF's fault texts print it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// .NET's `TimeSpan.MaxValue`, which is what `Infinite` stands for: nothing ever waits that long.
pub const INFINITE: Duration = Duration::MAX;

/// A length of time in .NET's unit, the tick of 100 nanoseconds; may be negative.
///
/// [`FromStr`] takes what .NET's `TimeSpan.Parse` takes under the invariant culture, which is what WCF's
/// configuration uses: `[-][d.]hh:mm:ss[.fffffff]`, `hh:mm`, `d.hh:mm`, and a bare number of days, with white space
/// around it. `Display` gives .NET's constant format, for example `00:10:00` or `1.02:03:04.5000000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TimeSpan(i64);

/// Why a text is no [`TimeSpan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TimeSpanError {
    /// The text has another form.
    #[error("a time span is written [-][d.]hh:mm:ss[.fffffff]")]
    Format,
    /// The form is right, but hours pass 23, minutes or seconds pass 59, the fraction has more than seven digits, or
    /// the days pass 10675199.
    #[error(
        "a time span has at most 23 hours, 59 minutes, 59 seconds and seven digits of fraction; write days as d.hh:mm:ss"
    )]
    Overflow,
}

impl TimeSpan {
    /// `TimeSpan.Zero`.
    pub const ZERO: Self = Self(0);
    /// The shortest positive time span, `00:00:00.0000001`.
    pub const TICK: Self = Self(1);
    /// `TimeSpan.MaxValue`, which WCF takes for "no limit" and writes `Infinite`.
    pub const MAX: Self = Self(i64::MAX);
    /// `TimeSpan.MinValue`.
    pub const MIN: Self = Self(i64::MIN);
    /// The longest finite timeout that WCF honours: `Int32.MaxValue` milliseconds, `24.20:31:23.6470000`.
    pub const LONGEST_TIMEOUT: Self = Self(i32::MAX as i64 * Self::TICKS_PER_MILLISECOND);

    pub(crate) const DAY: Self = Self(Self::SECONDS_PER_DAY * Self::TICKS_PER_SECOND);
    const TICKS_PER_MILLISECOND: i64 = 10_000;
    const TICKS_PER_SECOND: i64 = 10_000_000;
    const SECONDS_PER_DAY: i64 = 86_400;
    const MAX_DAYS: u64 = 10_675_199;

    /// The time span of so many ticks.
    pub const fn from_ticks(ticks: i64) -> Self {
        Self(ticks)
    }

    /// The number of ticks.
    pub const fn ticks(self) -> i64 {
        self.0
    }

    /// Reads what WCF's timeouts take: a time span, or `Infinite` in any case. Only the time span may have white
    /// space around it.
    ///
    /// # Errors
    /// As [`FromStr`].
    pub fn parse_or_infinite(text: &str) -> Result<Self, TimeSpanError> {
        if text.eq_ignore_ascii_case("infinite") { Ok(Self::MAX) } else { text.parse() }
    }

    /// The form in which WCF's configuration writes it: `Infinite` for [`TimeSpan::MAX`].
    pub fn configuration_text(self) -> String {
        if self == Self::MAX { "Infinite".to_owned() } else { self.to_string() }
    }
}

/// Parts of a ticks count: a multiplication and addition that notice overflow.
fn total_ticks(days: u64, hours: u64, minutes: u64, seconds: u64, fraction: u64) -> Option<u64> {
    let seconds = days.checked_mul(86_400)?.checked_add(hours * 3600 + minutes * 60 + seconds)?;
    seconds.checked_mul(10_000_000)?.checked_add(fraction)
}

/// One run of digits.
#[derive(Clone, Copy)]
struct Number<'a>(&'a str);

impl Number<'_> {
    /// The value, where it is at most `maximum`; leading zeros do not count.
    fn at_most(self, maximum: u64) -> Result<u64, TimeSpanError> {
        let digits = self.0.trim_start_matches('0');
        match digits.len() {
            0 => Ok(0),
            1..=9 => digits.parse().ok().filter(|value| *value <= maximum).ok_or(TimeSpanError::Overflow),
            _ => Err(TimeSpanError::Overflow),
        }
    }

    /// The ticks of a decimal fraction of a second.
    fn fraction(self) -> Result<u64, TimeSpanError> {
        let missing = 7_usize.checked_sub(self.0.len()).ok_or(TimeSpanError::Overflow)?;
        let value = self.at_most(9_999_999)?;
        Ok((0..missing).fold(value, |ticks, _| ticks * 10))
    }
}

const MAX_NUMBERS: usize = 5;

/// Splits into runs of digits and what stands between them; nothing may stand after the last.
fn split(text: &str) -> Result<(Vec<Number<'_>>, Vec<&str>), TimeSpanError> {
    let (mut numbers, mut separators) = (Vec::new(), Vec::new());
    let mut rest = text;
    loop {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        if digits.is_empty() || numbers.len() == MAX_NUMBERS {
            return Err(TimeSpanError::Format);
        }
        numbers.push(Number(digits));
        if after.is_empty() {
            return Ok((numbers, separators));
        }
        let end = after.find(|c: char| c.is_ascii_digit()).ok_or(TimeSpanError::Format)?;
        let (separator, after) = after.split_at(end);
        separators.push(separator);
        rest = after;
    }
}

/// The ticks of a time span without its sign.
///
/// .NET tries the invariant pattern (days end with `.`) and then the culture's own (days end with `:`), so
/// `24:00:00`, whose hours do not fit, is read as 24 days.
fn magnitude(text: &str) -> Result<u64, TimeSpanError> {
    let (numbers, separators) = split(text)?;
    let clock = |days: Number<'_>, h: Number<'_>, m: Number<'_>, s: Number<'_>, fraction: Number<'_>| {
        let days = days.at_most(TimeSpan::MAX_DAYS)?;
        let (hours, minutes, seconds) = (h.at_most(23)?, m.at_most(59)?, s.at_most(59)?);
        total_ticks(days, hours, minutes, seconds, fraction.fraction()?).ok_or(TimeSpanError::Overflow)
    };
    let zero = Number("0");
    match (numbers.as_slice(), separators.as_slice()) {
        (&[d], []) => clock(d, zero, zero, zero, zero),
        (&[h, m], [":"]) => clock(zero, h, m, zero, zero),
        (&[a, b, c], [":", ":"]) => clock(zero, a, b, c, zero).or_else(|_| clock(a, b, c, zero, zero)),
        (&[d, h, m], [".", ":"]) => clock(d, h, m, zero, zero),
        (&[h, m, f], [":", ":."]) => clock(zero, h, m, zero, f),
        (&[h, m, s, f], [":", ":", "."]) => clock(zero, h, m, s, f),
        (&[d, h, m, s], ["." | ":", ":", ":"]) => clock(d, h, m, s, zero),
        (&[d, h, m, f], ["." | ":", ":", ":."]) => clock(d, h, m, zero, f),
        (&[d, h, m, s, f], ["." | ":", ":", ":", "."]) => clock(d, h, m, s, f),
        _ => Err(TimeSpanError::Format),
    }
}

impl FromStr for TimeSpan {
    type Err = TimeSpanError;

    fn from_str(text: &str) -> Result<Self, TimeSpanError> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let ticks = i128::from(magnitude(text)?);
        let ticks = if negative { -ticks } else { ticks };
        i64::try_from(ticks).map(Self).map_err(|_| TimeSpanError::Overflow)
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticks = self.0.unsigned_abs();
        let (seconds, fraction) =
            (ticks / Self::TICKS_PER_SECOND as u64, ticks % Self::TICKS_PER_SECOND as u64);
        let (days, seconds) =
            (seconds / Self::SECONDS_PER_DAY as u64, seconds % Self::SECONDS_PER_DAY as u64);
        let sign = if self.0 < 0 { "-" } else { "" };
        f.write_str(sign)?;
        if days > 0 {
            write!(f, "{days}.")?;
        }
        write!(f, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if fraction > 0 { write!(f, ".{fraction:07}") } else { Ok(()) }
    }
}

/// Below a tick is cut off; beyond [`TimeSpan::MAX`], as [`INFINITE`] is, becomes [`TimeSpan::MAX`].
impl From<Duration> for TimeSpan {
    fn from(duration: Duration) -> Self {
        Self(i64::try_from(duration.as_nanos() / 100).unwrap_or(i64::MAX))
    }
}

/// [`TimeSpan::MAX`] becomes [`INFINITE`]; a negative time span fails, with itself as the error.
impl TryFrom<TimeSpan> for Duration {
    type Error = TimeSpan;

    fn try_from(span: TimeSpan) -> Result<Self, TimeSpan> {
        if span == TimeSpan::MAX {
            return Ok(INFINITE);
        }
        let ticks = u64::try_from(span.0).map_err(|_| span)?;
        let per_second = TimeSpan::TICKS_PER_SECOND as u64;
        let nanoseconds = u32::try_from(ticks % per_second * 100).map_err(|_| span)?;
        Ok(Self::new(ticks / per_second, nanoseconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::usual("00:10:00", 6_000_000_000)]
    #[case::one_digit("0:1:2", 620_000_000)]
    #[case::trimmed(" \t00:00:01\n", 10_000_000)]
    #[case::fraction("00:00:00.2", 2_000_000)]
    #[case::tick("00:00:00.0000001", 1)]
    #[case::leading_zeros("0000:00001:00", 600_000_000)]
    #[case::hours_and_minutes("10:20", 372_000_000_000)]
    #[case::days("10", 8_640_000_000_000)]
    #[case::days_hours_minutes("1.02:03", 937_800_000_000)]
    #[case::all("1.02:03:04.5000000", 937_845_000_000)]
    #[case::days_with_colon("1:02:03:04", 937_840_000_000)]
    #[case::without_seconds("00:01:.5", 605_000_000)]
    #[case::negative("-00:00:01", -10_000_000)]
    #[case::hours_that_are_days("24:00:00", 20_736_000_000_000)]
    #[case::maximum("10675199.02:48:05.4775807", i64::MAX)]
    #[case::minimum("-10675199.02:48:05.4775808", i64::MIN)]
    fn what_dotnet_reads(#[case] text: &str, #[case] ticks: i64) {
        assert_eq!(text.parse(), Ok(TimeSpan::from_ticks(ticks)));
    }

    #[rstest]
    #[case::empty("", TimeSpanError::Format)]
    #[case::word("soon", TimeSpanError::Format)]
    #[case::plus("+00:00:01", TimeSpanError::Format)]
    #[case::sign_apart("- 00:00:01", TimeSpanError::Format)]
    #[case::unit("10s", TimeSpanError::Format)]
    #[case::seconds_missing("00:00:", TimeSpanError::Format)]
    #[case::space_inside("00: 10:00", TimeSpanError::Format)]
    #[case::comma("00:00:00,5", TimeSpanError::Format)]
    #[case::six_numbers("1.1:1:1.1.1", TimeSpanError::Format)]
    #[case::iso("PT10M", TimeSpanError::Format)]
    #[case::seconds("00:00:60", TimeSpanError::Overflow)]
    #[case::minutes("00:60:00", TimeSpanError::Overflow)]
    #[case::hours("24:00", TimeSpanError::Overflow)]
    #[case::days("10675200", TimeSpanError::Overflow)]
    #[case::digits("99999999999999999999", TimeSpanError::Overflow)]
    #[case::fraction("00:00:00.00000001", TimeSpanError::Overflow)]
    #[case::beyond_the_end("10675199.02:48:05.4775808", TimeSpanError::Overflow)]
    fn what_dotnet_refuses(#[case] text: &str, #[case] error: TimeSpanError) {
        assert_eq!(text.parse::<TimeSpan>(), Err(error));
    }

    #[rstest]
    #[case("Infinite")]
    #[case("infinite")]
    #[case("INFINITE")]
    #[case("10675199.02:48:05.4775807")]
    fn infinite(#[case] text: &str) {
        let span = TimeSpan::parse_or_infinite(text).unwrap();
        assert_eq!(span.configuration_text(), "Infinite");
        assert_eq!(Duration::try_from(span), Ok(INFINITE));
        assert_eq!(TimeSpan::from(INFINITE), TimeSpan::MAX);
    }

    #[test]
    fn infinite_has_no_space_around_it() {
        assert_eq!(TimeSpan::parse_or_infinite(" Infinite "), Err(TimeSpanError::Format));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(ticks in any::<i64>()) {
            let span = TimeSpan::from_ticks(ticks);
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }

        #[test]
        fn no_text_panics(text in "[-0-9:. ]{0,40}") {
            let _ = text.parse::<TimeSpan>();
        }

        #[test]
        fn durations_come_back(nanoseconds in 0..i64::MAX) {
            let nanoseconds = nanoseconds.cast_unsigned() / 100 * 100;
            let duration = Duration::from_nanos(nanoseconds);
            prop_assert_eq!(Duration::try_from(TimeSpan::from(duration)), Ok(duration));
        }
    }
}
