//! `wsrm send`.

use clap::Args;

use crate::exit::Exit;

/// Run the reference source (a WCF-like client) against a URL
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let _ = arguments;
    Exit::Internal
}
