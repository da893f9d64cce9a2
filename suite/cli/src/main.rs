//! The `wsrm` command.

mod binding;
mod config;
mod exit;
mod judge;
mod proxy;
mod replay;
mod selftest;
mod send;
mod serve;
mod show;
mod side_by_side;
mod terminal;

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
    Config(config::Arguments),
    Show(show::Arguments),
    Judge(judge::Arguments),
    Replay(replay::Arguments),
    Selftest(selftest::Arguments),
}

fn main() -> std::process::ExitCode {
    let exit = match Cli::parse().verb {
        Verb::Serve(arguments) => serve::run(&arguments),
        Verb::Send(arguments) => send::run(&arguments),
        Verb::Proxy(arguments) => proxy::run(&arguments),
        Verb::Config(arguments) => config::run(&arguments),
        Verb::Show(arguments) => show::run(&arguments),
        Verb::Judge(arguments) => judge::run(&arguments),
        Verb::Replay(arguments) => replay::run(&arguments),
        Verb::Selftest(arguments) => selftest::run(&arguments),
    };
    exit.into()
}
