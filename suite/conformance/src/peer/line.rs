//! What the programs of peers print.

/// What an application saw of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saw {
    /// It went well.
    Success,
    /// It failed with these words.
    Failure(String),
}

/// A line that a client prints: what came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientLine {
    /// `open ok`, `echo(TEXT) -> TEXT`, `send(TEXT) returned`, `close ok`, or `… -> EXC […] WORDS`.
    Step {
        /// The step, without its text.
        step: String,
        /// Its text.
        text: String,
        /// What came of it.
        saw: Saw,
        /// The text that came back.
        returned: Option<String>,
    },
    /// `UNSUPPORTED WORDS`: the stack does not have what the SPEC or a step asks for.
    Unsupported(String),
    /// `LIMIT …`: the client gave up by itself.
    Limit,
    /// Anything else; for readers.
    Other,
}

/// A line that a service prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceLine {
    /// `READY PORT`: it listens.
    Ready,
    /// `Echo(TEXT)` or `Send(TEXT)`: an operation runs.
    Operation {
        /// Its name.
        name: String,
        /// Its text.
        text: String,
    },
    /// `UNSUPPORTED WORDS`: the stack does not have what a SPEC asks for.
    Unsupported(String),
    /// Anything else; for readers.
    Other,
}

const FAILED: &str = " -> EXC ";

impl ClientLine {
    /// Reads a line.
    pub fn parse(line: &str) -> Self {
        if let Some(words) = unsupported(line) {
            return Self::Unsupported(words);
        }
        if line.starts_with("LIMIT") {
            return Self::Limit;
        }
        let (call, saw, returned) = if let Some((call, words)) = line.split_once(FAILED) {
            (call, Saw::Failure(words.to_owned()), None)
        } else if let Some((call, back)) = line.split_once(") -> ") {
            (call, Saw::Success, Some(back.to_owned()))
        } else if let Some(call) = line.strip_suffix(" returned").or_else(|| line.strip_suffix(" ok")) {
            (call, Saw::Success, None)
        } else {
            return Self::Other;
        };
        let (step, text) = call.split_once('(').unwrap_or((call, ""));
        if step.is_empty() || !step.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'*') {
            return Self::Other;
        }
        let text = text.strip_suffix(')').unwrap_or(text);
        Self::Step { step: step.to_owned(), text: text.to_owned(), saw, returned }
    }
}

impl ServiceLine {
    /// Reads a line.
    pub fn parse(line: &str) -> Self {
        if let Some(words) = unsupported(line) {
            return Self::Unsupported(words);
        }
        if line.starts_with("READY") {
            return Self::Ready;
        }
        let operation = line.strip_suffix(')').and_then(|line| line.split_once('('));
        match operation {
            Some((name @ ("Echo" | "Send"), text)) => {
                Self::Operation { name: name.to_owned(), text: text.to_owned() }
            }
            _ => Self::Other,
        }
    }
}

fn unsupported(line: &str) -> Option<String> {
    line.strip_prefix("UNSUPPORTED").map(|words| words.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn step(step: &str, text: &str, returned: Option<&str>) -> ClientLine {
        let returned = returned.map(str::to_owned);
        ClientLine::Step { step: step.to_owned(), text: text.to_owned(), saw: Saw::Success, returned }
    }

    fn failure(step: &str, text: &str, words: &str) -> ClientLine {
        let saw = Saw::Failure(words.to_owned());
        ClientLine::Step { step: step.to_owned(), text: text.to_owned(), saw, returned: None }
    }

    #[rstest]
    #[case("open ok", step("open", "", None))]
    #[case("close ok", step("close", "", None))]
    #[case("echo(one) -> one", step("echo", "one", Some("one")))]
    #[case("echo(sleep:20-a) -> sleep:20-a", step("echo", "sleep:20-a", Some("sleep:20-a")))]
    #[case("send(one) returned", step("send", "one", None))]
    #[case("echo(a (b) c) -> a (b) c", step("echo", "a (b) c", Some("a (b) c")))]
    #[case("close() -> EXC [gSOAP] no sequence", failure("close", "", "[gSOAP] no sequence"))]
    #[case("open -> EXC [X] refused", failure("open", "", "[X] refused"))]
    #[case("UNSUPPORTED mv=s11a04", ClientLine::Unsupported("mv=s11a04".to_owned()))]
    #[case("LIMIT of 60 s reached", ClientLine::Limit)]
    #[case("WARNING: all is ok", ClientLine::Other)]
    #[case("", ClientLine::Other)]
    fn lines_of_clients(#[case] line: &str, #[case] read: ClientLine) {
        assert_eq!(ClientLine::parse(line), read);
    }

    #[rstest]
    #[case("READY 42000", ServiceLine::Ready)]
    #[case("Echo(one)", ServiceLine::Operation { name: "Echo".to_owned(), text: "one".to_owned() })]
    #[case("Send(a(b))", ServiceLine::Operation { name: "Send".to_owned(), text: "a(b)".to_owned() })]
    #[case("UNSUPPORTED e:rm=12", ServiceLine::Unsupported("e:rm=12".to_owned()))]
    #[case("Echo one", ServiceLine::Other)]
    #[case("Ping(one)", ServiceLine::Other)]
    fn lines_of_services(#[case] line: &str, #[case] read: ServiceLine) {
        assert_eq!(ServiceLine::parse(line), read);
    }
}
