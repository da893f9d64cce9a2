//! What `wsrm test-client` asks of a peer's client, by the environment, and how the client answers.

use super::Arguments;
use crate::binding::ContractName;
use crate::errand::{Errand, unknown};
use crate::exit::Exit;
use crate::peer::Refusal;

/// Most messages of one session.
const MOST_MESSAGES: u64 = 100_000;

/// The arguments that the environment stands for; `variable` reads it.
pub(super) fn read(
    arguments: &Arguments,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Arguments, Refusal> {
    let refuse = |refusal: crate::binding::Refusal| Refusal::new(refusal.exit, refusal.message);
    let Errand { url, rm, soap, addressing, pattern, messages } = Errand::read(variable).map_err(refuse)?;
    if messages > MOST_MESSAGES {
        return Err(refuse(unknown("WSRM_MESSAGES", &messages.to_string())));
    }
    let words = std::iter::once(url).chain(steps(pattern, messages)).collect();
    Ok(Arguments { words, rm, soap, addressing, pattern, ..arguments.clone() })
}

fn steps(contract: ContractName, messages: u64) -> impl Iterator<Item = String> {
    let verb = if contract == ContractName::OneWay { "send" } else { "echo" };
    let calls = (1..=messages).map(move |number| format!("{verb}:message-{number}"));
    std::iter::once("open".to_owned()).chain(calls).chain(std::iter::once("close".to_owned()))
}

/// What the exit code of a run is to a suite that asks what the application saw.
pub(super) const fn exit(exit: Exit) -> Exit {
    match exit {
        // What cannot be spoken is 3 there, which is `Unreachable` here; a peer that is not there says nothing.
        Exit::Unsupported => Exit::Unreachable,
        Exit::Unreachable => Exit::Usage,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use rstest::rstest;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn read_with(changed: &str, to: Option<&str>) -> Result<Arguments, Refusal> {
        let line = ["run", "gsoap", "--role", "client", "--from-environment"];
        read(&Line::try_parse_from(line).unwrap().arguments, &|name| {
            let value = match name {
                _ if name == changed => return to.map(str::to_owned),
                "WSRM_URL" => "http://127.0.0.1:1/case",
                "WSRM_RM" => "1.0",
                "WSRM_SOAP" => "1.1",
                "WSRM_WSA" => "1.0",
                "WSRM_PATTERN" => "request-reply",
                "WSRM_MESSAGES" => "2",
                _ => return None,
            };
            Some(value.to_owned())
        })
    }

    #[rstest]
    #[case("request-reply", &["open", "echo:message-1", "echo:message-2", "close"])]
    #[case("one-way", &["open", "send:message-1", "send:message-2", "close"])]
    fn takes_what_the_environment_says(#[case] pattern: &str, #[case] steps: &[&str]) {
        let arguments = read_with("WSRM_PATTERN", Some(pattern)).unwrap();
        let (url, words) = arguments.words.split_first().unwrap();
        assert_eq!(
            (url.as_str(), words),
            ("http://127.0.0.1:1/case", &*steps.iter().map(|&step| step.to_owned()).collect::<Vec<_>>())
        );
        let form = super::super::form(&arguments).to_string();
        let contract = if pattern == "one-way" { "oneway" } else { "echo" };
        assert_eq!(form, format!("rm=10,mv=s11a10,contract={contract}"));
    }

    #[rstest]
    #[case("WSRM_URL", None, Exit::Usage)]
    #[case("WSRM_RM", Some("1.7"), Exit::Unsupported)]
    #[case("WSRM_PATTERN", Some("duplex"), Exit::Unsupported)]
    #[case("WSRM_MESSAGES", Some("many"), Exit::Unsupported)]
    #[case("WSRM_MESSAGES", Some("100000000000"), Exit::Unsupported)]
    fn refuses(#[case] name: &str, #[case] value: Option<&str>, #[case] exit: Exit) {
        let refusal = read_with(name, value).unwrap_err();
        assert_eq!(refusal.exit, exit);
        assert!(refusal.message.contains(name), "{}", refusal.message);
    }

    #[rstest]
    #[case(Exit::Success, Exit::Success)]
    #[case(Exit::Found, Exit::Found)]
    #[case(Exit::Unsupported, Exit::Unreachable)]
    #[case(Exit::Unreachable, Exit::Usage)]
    fn answers(#[case] of_verb: Exit, #[case] of_client: Exit) {
        assert_eq!(exit(of_verb), of_client);
    }
}
