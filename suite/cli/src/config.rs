//! `wsrm config`.

use clap::Args;

use crate::exit::Exit;

/// Read WCF configuration files and say what they mean
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let _ = arguments;
    Exit::Internal
}
