//! `Expires`, which WCF reads as a time span and gives back in its own spelling, and otherwise ignores.

/// Seconds of the units before and behind the `T`; WCF's years have 365 days, its months 30.
const DATE_UNITS: [(char, u64); 3] = [('Y', 365 * 86_400), ('M', 30 * 86_400), ('D', 86_400)];
const TIME_UNITS: [(char, u64); 3] = [('H', 3600), ('M', 60), ('S', 1)];
const TICKS_PER_SECOND: u64 = 10_000_000;

/// An `xs:duration` in the spelling of .NET: days, hours, minutes and seconds, those that are zero left out. What does
/// not fit a time span stays as it is.
pub(super) fn normalised(duration: &str) -> String {
    let text = duration.trim();
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    match ticks(unsigned) {
        Some(ticks) => format!("{sign}{}", spelled(ticks)),
        None => duration.to_owned(),
    }
}

fn ticks(unsigned: &str) -> Option<u64> {
    let period = unsigned.strip_prefix('P')?;
    let (date, time) = period.split_once('T').unwrap_or((period, ""));
    add_fields(add_fields(0, date, &DATE_UNITS)?, time, &TIME_UNITS)
}

fn add_fields(mut total: u64, mut rest: &str, units: &[(char, u64)]) -> Option<u64> {
    while !rest.is_empty() {
        let at = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, after) = rest.split_at(at);
        let letter = after.chars().next()?;
        let (_, seconds) = units.iter().find(|(unit, _)| *unit == letter)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let whole: u64 = whole.parse().ok()?;
        let fraction = format!("{:0<7.7}", fraction).parse::<u64>().ok()?;
        let ticks = whole.checked_mul(seconds * TICKS_PER_SECOND)?.checked_add(fraction)?;
        total = total.checked_add(ticks).filter(|total| *total <= i64::MAX as u64)?;
        rest = after.get(letter.len_utf8()..)?;
    }
    Some(total)
}

fn spelled(ticks: u64) -> String {
    if ticks == 0 {
        return "PT0S".to_owned();
    }
    let (seconds, fraction) = (ticks / TICKS_PER_SECOND, ticks % TICKS_PER_SECOND);
    let part = |number: u64, unit: char| if number > 0 { format!("{number}{unit}") } else { String::new() };
    let date = part(seconds / 86_400, 'D');
    let last = match (seconds % 60, fraction) {
        (seconds, 0) => part(seconds, 'S'),
        (seconds, fraction) => format!("{seconds}.{}S", format!("{fraction:07}").trim_end_matches('0')),
    };
    let time = [part(seconds / 3600 % 24, 'H'), part(seconds / 60 % 60, 'M'), last].concat();
    if time.is_empty() { format!("P{date}") } else { format!("P{date}T{time}") }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    #[rstest]
    #[case("PT10M", "PT10M")]
    #[case("PT00H01M00S", "PT1M")]
    #[case("PT0S", "PT0S")]
    #[case("P0D", "PT0S")]
    #[case("PT90S", "PT1M30S")]
    #[case("P1Y2M", "P425D")]
    #[case("-P1DT36H", "-P2DT12H")]
    #[case("PT1.50S", "PT1.5S")]
    #[case("PT61.0000001S", "PT1M1.0000001S")]
    #[case("P99999999999Y", "P99999999999Y")]
    fn spells_as_dotnet(#[case] given: &str, #[case] expected: &str) {
        assert_eq!(super::normalised(given), expected);
    }
}
