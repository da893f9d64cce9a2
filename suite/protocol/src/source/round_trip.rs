//! How long an answer takes, and how long to wait for one.

use std::time::Duration;

use crate::Timestamp;

/// Milliseconds are counted in 128ths: one is `1 << UNITS`.
const UNITS: u32 = 7;
/// A new sample moves an estimate by an eighth of the difference.
const GAIN: u32 = 3;
/// The timeout lies four deviations above the mean, which by Chebyshev's inequality few answers exceed.
const DEVIATIONS: u32 = 2;
/// The least that the timeout lies above the mean: 400 ms.
const MARGIN: i64 = 400 << UNITS;
const MAX_MEAN: i64 = i64::MAX / 3;
const MAX_DEVIATION: i64 = MAX_MEAN / 2;

/// WCF's estimator of the round-trip time, in its own integer arithmetic: mean and deviation as in RFC 6298, every
/// acknowledged message a sample, retransmitted ones included.
#[derive(Debug, Clone)]
pub(crate) struct RoundTrip {
    mean: i64,
    deviation: i64,
    timeout: i64,
}

impl RoundTrip {
    /// The estimate after one measurement, that of the creation of the sequence.
    pub(crate) fn from_first(sample: Duration) -> Self {
        let millis = i64::try_from(sample.as_millis()).unwrap_or(i64::MAX).min(MAX_MEAN >> UNITS);
        let mean = millis << UNITS;
        let deviation = mean >> 1;
        Self { mean, deviation, timeout: timeout_of(mean, deviation) }
    }

    /// How long to wait for an acknowledgement before a message is sent again: whole milliseconds.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.timeout >> UNITS).unwrap_or(0))
    }

    /// Takes in that a message last sent at `sent` is known to be there at `now`; forgets every back-off.
    pub(crate) fn observe(&mut self, sent: Timestamp, now: Timestamp) {
        let measured = units(now).saturating_sub(units(sent)).max(0);
        let error = measured - self.mean;
        self.deviation = (self.deviation + ((error.abs() - self.deviation) >> GAIN)).min(MAX_DEVIATION);
        self.mean = (self.mean + (error >> GAIN)).min(MAX_MEAN);
        self.timeout = timeout_of(self.mean, self.deviation);
    }

    /// Doubles the timeout until the next sample.
    pub(crate) fn back_off(&mut self) {
        self.timeout = self.timeout.saturating_mul(2);
    }
}

fn timeout_of(mean: i64, deviation: i64) -> i64 {
    (mean + MARGIN).max(mean + (deviation << DEVIATIONS))
}

/// A point in time in 128ths of a millisecond, of whole milliseconds, as WCF reads its clock.
fn units(at: Timestamp) -> i64 {
    let millis = i64::try_from(at.since_origin().as_millis()).unwrap_or(i64::MAX);
    millis.min(MAX_MEAN >> UNITS) << UNITS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, 400)]
    #[case(10, 410)]
    #[case(200, 600)]
    #[case(201, 603)]
    #[case(500, 1_500)]
    #[case(2_000, 6_000)]
    fn first_timeout(#[case] opening_millis: u64, #[case] timeout_millis: u64) {
        let estimate = RoundTrip::from_first(Duration::from_millis(opening_millis));
        assert_eq!(estimate.timeout(), Duration::from_millis(timeout_millis));
    }

    #[test]
    fn backs_off_without_end_and_comes_back() {
        let mut estimate = RoundTrip::from_first(Duration::from_millis(10));
        let mut seen = Vec::new();
        for _ in 0..6 {
            seen.push(estimate.timeout().as_millis());
            estimate.back_off();
        }
        assert_eq!(seen, [410, 820, 1_640, 3_280, 6_560, 13_120]);
        estimate.observe(Timestamp::from_millis(1_000), Timestamp::from_millis(1_010));
        assert_eq!(estimate.timeout().as_millis(), 410);
        for _ in 0..200 {
            estimate.back_off();
        }
        assert!(estimate.timeout() > Duration::from_secs(1 << 40));
    }

    proptest! {
        #[test]
        fn never_waits_less_than_the_margin_and_never_overflows(
            first in 0u64..=u64::MAX, samples in prop::collection::vec((any::<u64>(), any::<u64>()), 0..40),
        ) {
            let mut estimate = RoundTrip::from_first(Duration::from_millis(first));
            for (sent, now) in samples {
                estimate.observe(Timestamp::from_millis(sent), Timestamp::from_millis(now));
                prop_assert!(estimate.timeout() >= Duration::from_millis(400));
                prop_assert!(estimate.mean >= 0 && estimate.deviation >= 0);
                estimate.back_off();
            }
        }

        #[test]
        fn settles_on_a_steady_peer(first in 0u64..60_000, steady in 0u64..5_000) {
            let mut estimate = RoundTrip::from_first(Duration::from_millis(first));
            for _ in 0..400 {
                estimate.observe(Timestamp::ZERO, Timestamp::from_millis(steady));
            }
            let millis = u64::try_from(estimate.timeout().as_millis()).unwrap();
            prop_assert!((steady + 399..=steady + 401).contains(&millis), "{millis}");
        }
    }
}
