//! `wsrm serve`.

use clap::Args;

use crate::exit::Exit;

/// Run the reference destination (a WCF-like service)
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let _ = arguments;
    Exit::Internal
}
