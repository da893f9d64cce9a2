//! How many messages may be on their way at once.

/// WCF's congestion window: slow start, then linear growth, and back to one message when an answer fails to come.
///
/// ```text
///              acknowledged messages           size > threshold
///   slow start ─────────────────────▶ (size + n) ──────────────▶ congestion avoidance (size + 1 now and then)
///       ▲                                                             │
///       └───────────── timeout: threshold = size / 2, size = 1 ◀──────┘
/// ```
#[derive(Debug, Clone)]
pub(crate) struct CongestionWindow {
    maximum: u64,
    size: u64,
    slow_start_threshold: u64,
    size_at_loss: u64,
    /// Messages acknowledged in congestion avoidance since the window last grew.
    acknowledged: u64,
    /// No answer has failed to come yet.
    lossless: bool,
}

/// What is to be sent again after an acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resend {
    /// Everything in the window that is not known to be there.
    All,
    /// Only what the window did not reach before.
    BeyondOldEdge,
}

impl CongestionWindow {
    /// A window for one message that can grow to `maximum`.
    pub(crate) fn new(maximum: u32) -> Self {
        let maximum = u64::from(maximum).max(1);
        Self {
            maximum,
            size: 1,
            slow_start_threshold: maximum,
            size_at_loss: maximum,
            acknowledged: 0,
            lossless: true,
        }
    }

    /// How many messages may be on their way.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Takes in that the oldest message was not acknowledged in time.
    pub(crate) fn lose(&mut self) {
        self.acknowledged = 0;
        self.slow_start_threshold = (self.size / 2).max(1);
        self.size_at_loss = self.size;
        self.size = 1;
        self.lossless = false;
    }

    /// Takes in that the `count` oldest messages are there.
    pub(crate) fn acknowledge(&mut self, count: u64) -> Resend {
        if self.size <= self.slow_start_threshold {
            self.size = self.maximum.min(self.size + count).min(self.slow_start_threshold + 1);
            return if self.lossless { Resend::BeyondOldEdge } else { Resend::All };
        }
        self.acknowledged += count;
        let segment = (self.size_at_loss.saturating_sub(self.slow_start_threshold) / 8).max(1);
        let enough = (self.size - self.slow_start_threshold) * self.size / segment;
        if self.acknowledged > enough {
            self.acknowledged = 0;
            self.size = self.maximum.min(self.size + 1);
        }
        Resend::BeyondOldEdge
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sizes(window: &mut CongestionWindow, acknowledged: &[u64]) -> Vec<u64> {
        acknowledged
            .iter()
            .map(|&count| {
                window.acknowledge(count);
                window.size()
            })
            .collect()
    }

    #[test]
    fn starts_slowly_up_to_the_maximum() {
        let mut window = CongestionWindow::new(8);
        assert_eq!(window.size(), 1);
        assert_eq!(sizes(&mut window, &[1, 2, 4, 8, 8]), [2, 4, 8, 8, 8]);
    }

    #[test]
    fn after_a_loss_grows_to_half_and_then_by_ones() {
        let mut window = CongestionWindow::new(8);
        sizes(&mut window, &[1, 2, 4]);
        window.lose();
        assert_eq!(window.size(), 1);
        // Threshold 4: slow start up to 5, then 1 x 5 acknowledged messages are not enough and 6 are.
        assert_eq!(sizes(&mut window, &[1, 2, 3, 5, 1, 6, 7]), [2, 4, 5, 5, 6, 6, 7]);
    }

    #[test]
    fn what_is_sent_again_depends_on_losses() {
        let mut window = CongestionWindow::new(8);
        assert_eq!(window.acknowledge(1), Resend::BeyondOldEdge);
        window.lose();
        assert_eq!(window.acknowledge(1), Resend::All);
        assert_eq!(window.acknowledge(1), Resend::BeyondOldEdge, "threshold 1 is passed by the first growth");
    }

    proptest! {
        #[test]
        fn stays_within_bounds(maximum in 1u32..=4096, steps in prop::collection::vec(0u64..200, 0..300)) {
            let mut window = CongestionWindow::new(maximum);
            for step in steps {
                let before = window.size();
                if step == 0 {
                    window.lose();
                    prop_assert_eq!(window.size(), 1);
                } else {
                    window.acknowledge(step.min(before));
                    prop_assert!(window.size() >= before);
                    prop_assert!(window.size() <= before * 2);
                }
                prop_assert!((1..=u64::from(maximum)).contains(&window.size()));
            }
        }
    }
}
