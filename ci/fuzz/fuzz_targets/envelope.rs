//! Any bytes: reading is total, and what was read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wsrm_wire::{Envelope, Infoset, Limits, WireProfile};

fuzz_target!(|bytes: &[u8]| {
    let Ok(infoset) = Infoset::read(bytes, &Limits::default()) else { return };
    let Ok(profile) = WireProfile::detect(&infoset) else { return };
    let Ok(envelope) = Envelope::read(&infoset, profile) else { return };
    let written = envelope.to_bytes();
    let again = Infoset::read(&written, &Limits::default()).expect("what the writer writes is well-formed");
    Envelope::read(&again, profile).expect("what the writer writes is a SOAP message");
});
