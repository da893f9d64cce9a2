//! Any bytes, several requests: a listener answers, keeps its bounds and never panics.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use wsrm_protocol::{
    ExchangeId, Listener, ListenerConfig, ListenerEvent, Outcome, Pattern, ReliableSessionSettings,
    SequentialIdentifiers, Timeouts, Timestamp,
};
use wsrm_wire::WireProfile;

fuzz_target!(|bytes: &[u8]| {
    let config = ListenerConfig {
        address: "http://localhost/".into(),
        profile: WireProfile::default(),
        pattern: Pattern::RequestReply,
        settings: ReliableSessionSettings::default(),
        timeouts: Timeouts::default(),
        language: "en-US".into(),
        max_concurrent_calls: 8,
        enforce_max_pending_channels: true,
    };
    let mut listener = Listener::new(config, Box::new(SequentialIdentifiers::default()));
    // 0xFF is in no UTF-8 text, so it can part one request from the next.
    for (index, request) in bytes.split(|&byte| byte == 0xFF).take(16).enumerate() {
        let now = Timestamp::from_millis(index as u64);
        listener.handle_request(now, ExchangeId(index as u64), Bytes::copy_from_slice(request));
        while let Some(event) = listener.poll_event() {
            if let ListenerEvent::Operation { operation, .. } = event {
                listener.complete(now, operation, Outcome::OneWay);
            }
        }
        while listener.poll_answer().is_some() {}
    }
    listener.handle_timeout(Timestamp::from_millis(10_000_000));
});
