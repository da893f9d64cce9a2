//! `wsrm show`.

use clap::Args;

use crate::exit::Exit;

/// Print recordings or single messages
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let _ = arguments;
    Exit::Internal
}
