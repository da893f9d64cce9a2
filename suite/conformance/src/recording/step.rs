//! What the client's application did.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// One step of the client's application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Opens the session.
    Open,
    /// Calls the two-way operation and waits for its reply.
    Echo(String),
    /// Starts a two-way call and goes on after the binding's `gap`.
    EchoAsync(String),
    /// Calls the one-way operation and waits until it is on its way.
    Send(String),
    /// Starts a one-way call and goes on after the binding's `gap`.
    SendAsync(String),
    /// Waits until all started calls have ended.
    Wait,
    /// Calls the two-way operation with a text of so many letters `a`.
    Big(usize),
    /// Does nothing for a while.
    Sleep(Duration),
    /// Closes the session.
    Close,
    /// Aborts the session.
    Abort,
    /// Prints the state of the session, or is a step that only another stack's client knows.
    Other(String),
}

/// A step that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{step:?}: expected {expected}")]
pub struct StepError {
    step: String,
    expected: &'static str,
}

/// Steps of one scenario, repetitions written out: far more than any has.
const MAX_STEPS: usize = 100_000;

impl Step {
    /// Reads steps, each `verb`, `verb:argument` or `verb*times:argument`. Repeated calls get `-1`, `-2` … behind
    /// their argument.
    ///
    /// # Errors
    /// If a number is none, or the steps are too many.
    pub fn parse_all(steps: &[String]) -> Result<Vec<Self>, StepError> {
        let mut all = Vec::new();
        for step in steps {
            let error = |expected| StepError { step: step.chars().take(80).collect(), expected };
            let (verb, argument) = step.split_once(':').unwrap_or((step, ""));
            let (verb, times) = match verb.split_once('*') {
                Some((verb, times)) => {
                    (verb, times.parse::<usize>().map_err(|_| error("a number of repetitions"))?)
                }
                None => (verb, 1),
            };
            if times > MAX_STEPS || all.len() + times > MAX_STEPS {
                return Err(error("at most 100000 steps"));
            }
            for k in 1..=times {
                let text = if times > 1 { format!("{argument}-{k}") } else { argument.to_owned() };
                all.push(Self::parse(verb, text, argument).map_err(error)?);
            }
        }
        Ok(all)
    }

    fn parse(verb: &str, text: String, argument: &str) -> Result<Self, &'static str> {
        Ok(match verb {
            "open" => Self::Open,
            "echo" => Self::Echo(text),
            "aecho" => Self::EchoAsync(text),
            "send" => Self::Send(text),
            "asend" => Self::SendAsync(text),
            "wait" => Self::Wait,
            "big" => Self::Big(
                argument.parse().ok().filter(|letters| *letters <= 1 << 24).ok_or("a number of letters")?,
            ),
            "sleep" => Self::Sleep(Duration::from_millis(
                argument.parse::<u32>().map_err(|_| "a number of milliseconds")?.into(),
            )),
            "close" => Self::Close,
            "abort" => Self::Abort,
            _ => Self::Other(if text.is_empty() { verb.to_owned() } else { format!("{verb}:{text}") }),
        })
    }

    /// Whether the step calls an operation.
    pub const fn is_call(&self) -> bool {
        matches!(self, Self::Echo(_) | Self::EchoAsync(_) | Self::Send(_) | Self::SendAsync(_) | Self::Big(_))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Echo(text) => write!(f, "echo:{text}"),
            Self::EchoAsync(text) => write!(f, "aecho:{text}"),
            Self::Send(text) => write!(f, "send:{text}"),
            Self::SendAsync(text) => write!(f, "asend:{text}"),
            Self::Wait => f.write_str("wait"),
            Self::Big(letters) => write!(f, "big:{letters}"),
            Self::Sleep(pause) => write!(f, "sleep:{}", pause.as_millis()),
            Self::Close => f.write_str("close"),
            Self::Abort => f.write_str("abort"),
            Self::Other(step) => f.write_str(step),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn parse(step: &str) -> Result<Vec<Step>, StepError> {
        Step::parse_all(&[step.to_owned()])
    }

    #[rstest]
    #[case("open", "open")]
    #[case("echo:sleep:1000", "echo:sleep:1000")]
    #[case("aecho*3:m", "aecho:m-1 aecho:m-2 aecho:m-3")]
    #[case("sleep*2:5", "sleep:5 sleep:5")]
    #[case("state", "state")]
    #[case("lastecho:two", "lastecho:two")]
    #[case("asend*1:x", "asend:x")]
    fn writes_repetitions_out(#[case] step: &str, #[case] all: &str) {
        let steps: Vec<_> = parse(step).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(steps.join(" "), all);
    }

    #[rstest]
    #[case("echo*x:1", "\"echo*x:1\": expected a number of repetitions")]
    #[case("echo*9999999:1", "\"echo*9999999:1\": expected at most 100000 steps")]
    #[case("big:x", "\"big:x\": expected a number of letters")]
    fn refuses(#[case] step: &str, #[case] error: &str) {
        assert_eq!(parse(step).unwrap_err().to_string(), error);
    }
}
