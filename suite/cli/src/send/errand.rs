//! What `wsrm test-client` asks of its client, by the environment, and how the client answers.

use super::Arguments;
use crate::binding::Refusal;
use crate::errand::Errand;
use crate::exit::Exit;

/// The arguments that the environment stands for; `variable` reads it.
pub(super) fn read(
    arguments: &Arguments,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Arguments, Refusal> {
    let Errand { url, rm, soap, addressing, pattern, messages } = Errand::read(variable)?;
    let binding = arguments.binding.clone().speaking(rm, soap, addressing);
    Ok(Arguments { url: Some(url), pattern, messages, binding, ..arguments.clone() })
}

/// What the exit code of a run is to a suite that asks what the application saw.
pub(super) const fn exit(exit: Exit) -> Exit {
    match exit {
        // What cannot be spoken is 3 there, which is `Unreachable` here; who cannot be reached is an error.
        Exit::Unsupported => Exit::Unreachable,
        Exit::Unreachable => Exit::Found,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use rstest::rstest;

    use super::*;
    use crate::binding::ContractName;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn read_with(changed: &str, to: Option<&str>) -> Result<Arguments, Refusal> {
        let line = Line::try_parse_from(["send", "--from-environment"]).unwrap();
        read(&line.arguments, &|name| {
            let value = match name {
                _ if name == changed => return to.map(str::to_owned),
                "WSRM_URL" => "http://127.0.0.1:1/case",
                "WSRM_RM" => "1.1",
                "WSRM_SOAP" => "1.2",
                "WSRM_WSA" => "2004",
                "WSRM_PATTERN" => "request-reply",
                "WSRM_MESSAGES" => "3",
                _ => return None,
            };
            Some(value.to_owned())
        })
    }

    #[test]
    fn takes_what_the_environment_says() {
        let arguments = read_with("", None).unwrap();
        assert_eq!(arguments.url.as_deref(), Some("http://127.0.0.1:1/case"));
        assert_eq!((arguments.messages, arguments.pattern), (3, ContractName::Echo));
        let binding = arguments.binding.resolve().unwrap();
        assert_eq!(binding.profile.to_string(), "RM 1.1, SOAP 1.2, WS-Addressing 2004/08");
    }

    #[rstest]
    #[case("WSRM_URL", None, Exit::Usage)]
    #[case("WSRM_RM", Some("1.7"), Exit::Unsupported)]
    #[case("WSRM_PATTERN", Some("duplex"), Exit::Unsupported)]
    #[case("WSRM_MESSAGES", Some("many"), Exit::Unsupported)]
    fn refuses(#[case] name: &str, #[case] value: Option<&str>, #[case] exit: Exit) {
        let refusal = read_with(name, value).unwrap_err();
        assert_eq!(refusal.exit, exit);
        assert!(refusal.message.contains(name), "{}", refusal.message);
    }

    #[rstest]
    #[case(Exit::Success, Exit::Success)]
    #[case(Exit::Found, Exit::Found)]
    #[case(Exit::Unreachable, Exit::Found)]
    #[case(Exit::Unsupported, Exit::Unreachable)]
    #[case(Exit::Usage, Exit::Usage)]
    fn answers(#[case] of_verb: Exit, #[case] of_client: Exit) {
        assert_eq!(exit(of_verb), of_client);
    }
}
