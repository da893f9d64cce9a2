//! Holds the judgement to recordings: as they are, and with one edit each. Each is a test of its own:
//! `recording/gsoap/04-…`, `wound/close-response-without-final`, `harmless/other-prefix-for-soap`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails at what it cannot read")]

mod deviations;
mod edits;
mod recording;
mod verdicts;

use std::process::ExitCode;
use std::sync::OnceLock;

use libtest_mimic::Arguments;
use wsrm_oracle::Catalogue;

fn main() -> ExitCode {
    let trials = verdicts::trials().into_iter().chain(deviations::trials()).chain(edits::trials());
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::load().unwrap())
}
