//! The `wsrm` command.

mod baseline;
mod binding;
mod choice;
mod config;
mod diff;
mod errand;
mod exit;
mod explain;
mod judge;
mod list;
mod mutants;
mod own_message;
mod peer;
mod probe;
mod progress;
mod proxy;
mod replay;
mod reporting;
mod selftest;
mod send;
mod serve;
mod show;
mod side_by_side;
mod terminal;
mod test;
mod test_client;
mod verdict;

use clap::{Parser, Subcommand};

/// Interoperability conformance suite for WS-ReliableMessaging, as WCF reliable sessions speak it.
#[derive(Debug, Parser)]
#[command(name = "wsrm", version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Serve(serve::Arguments),
    Send(send::Arguments),
    Proxy(proxy::Arguments),
    Probe(probe::Arguments),
    Test(test::Arguments),
    TestClient(test_client::Arguments),
    Config(config::Arguments),
    Show(show::Arguments),
    Diff(diff::Arguments),
    Judge(judge::Arguments),
    Baseline(Box<baseline::Arguments>),
    Replay(replay::Arguments),
    Selftest(selftest::Arguments),
    Explain(explain::Arguments),
    List(list::Arguments),
    Mutants(mutants::Arguments),
    Peer(peer::Arguments),
}

fn main() -> std::process::ExitCode {
    let exit = match Cli::parse().verb {
        Verb::Serve(arguments) => serve::run(&arguments),
        Verb::Send(arguments) => send::run(&arguments),
        Verb::Proxy(arguments) => proxy::run(&arguments),
        Verb::Probe(arguments) => probe::run(&arguments),
        Verb::Test(arguments) => test::run(&arguments),
        Verb::TestClient(arguments) => test_client::run(&arguments),
        Verb::Config(arguments) => config::run(&arguments),
        Verb::Show(arguments) => show::run(&arguments),
        Verb::Diff(arguments) => diff::run(&arguments),
        Verb::Judge(arguments) => judge::run(&arguments),
        Verb::Baseline(arguments) => baseline::run(*arguments),
        Verb::Replay(arguments) => replay::run(&arguments),
        Verb::Selftest(arguments) => selftest::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::List(arguments) => list::run(&arguments),
        Verb::Mutants(arguments) => mutants::run(&arguments),
        Verb::Peer(arguments) => peer::run(&arguments),
    };
    exit.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explanations_name_commands_that_there_are() {
        let explanations = wsrm_conformance::explanation::Explanations::load().unwrap();
        for explanation in explanations.all() {
            for command in &explanation.commands {
                // What stands between quotes is one argument.
                let parts = command.split('"').enumerate();
                let words = parts.flat_map(|(index, part)| {
                    if index % 2 == 1 { vec![part] } else { part.split_whitespace().collect() }
                });
                let parsed = Cli::try_parse_from(words);
                assert!(parsed.is_ok(), "{}: {command}: {}", explanation.id, parsed.unwrap_err());
            }
        }
    }
}
