//! `wsrm replay`.

use clap::Args;

use crate::exit::Exit;

/// Replay recordings against the reference implementation
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let _ = arguments;
    Exit::Internal
}
