//! Any text as a WCF configuration file: read, or refused with a reason.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wsrm_protocol::config::Configuration;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Configuration::read(text);
    }
});
