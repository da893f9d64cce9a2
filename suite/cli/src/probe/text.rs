//! What was found out, in lines.

use anstyle::{AnsiColor, Style};
use wsrm_conformance::case::probe::{Assertion, Attempt, Ordered, Traits};
use wsrm_conformance::case::{Stop, Target};
use wsrm_protocol::Pattern;
use wsrm_wire::RmVersion;

use super::Found;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default().bold();

pub(super) fn print(found: &Found) {
    anstream::println!("{TITLE}{}{TITLE:#}", found.url);
    for (target, traits) in &found.spoken {
        spoken(target, traits);
    }
    policies(found);
    if found.spoken.is_empty() {
        refused(found);
    } else {
        others(found);
        anstream::println!("\nnext: wsrm test {}", found.url);
    }
}

fn line(what: &str, text: &str) {
    anstream::println!("  {what:13} {text}");
}

fn spoken(target: &Target, traits: &Result<Traits, Stop>) {
    anstream::println!("\n{TITLE}{}{TITLE:#}", target.dialect());
    let pattern = match target.pattern {
        Pattern::RequestReply => "two-way: it takes the sequence that is offered for the replies",
        Pattern::OneWay => "one-way: sessions without a sequence for replies",
    };
    line("pattern", pattern);
    let traits = match traits {
        Ok(traits) => traits,
        Err(stop) => return line("session", &format!("none any more: {stop}")),
    };
    let operation = target.application.operation(target.pattern).map_or("", |operation| &operation.action);
    let takes = match &traits.takes {
        Ok(()) => format!("{operation} is taken"),
        Err(refused) => {
            format!("{operation} is refused by {refused} (wsrm test: --action, --body)")
        }
    };
    line("messages", &takes);
    if traits.takes.is_ok() {
        let at_once = if traits.acknowledges { "at once" } else { "not by the first answer" };
        line("acknowledged", at_once);
        let order = match traits.ordered {
            Ordered::Yes => "ordered: a message behind a gap waits",
            Ordered::No => "not ordered: a message behind a gap is answered",
            Ordered::Refused => "a message behind a gap is refused",
            Ordered::Unseen => "the wire does not show it",
        };
        line("order", order);
        let flow = match traits.buffer_remaining {
            Some(free) => format!("on: room for {free} messages"),
            None => "off: no BufferRemaining".to_owned(),
        };
        line("flow control", &flow);
    }
    if let Some(server) = &traits.server {
        line("server", server);
    }
    if !traits.is_ended {
        line("left open", "the sequence could not be ended");
    }
}

fn policies(found: &Found) {
    anstream::println!();
    for (query, policy) in &found.policies {
        match policy {
            Ok(assertions) if assertions.is_empty() => {
                line("policy", &format!("{query} does not speak of reliable messaging"));
            }
            Ok(assertions) => {
                for assertion in assertions {
                    line("policy", &format!("{query}: {}", promise(assertion)));
                }
            }
            Err(why) => line("policy", &format!("{query}: {why}")),
        }
    }
}

fn promise(assertion: &Assertion) -> String {
    let version = match assertion.rm {
        RmVersion::February2005 => "RM 1.0",
        RmVersion::V200702 => "RM 1.1",
    };
    let mut said = vec![version.to_owned()];
    said.extend(assertion.assurance.clone());
    said.extend(
        assertion.in_order.map(|in_order| if in_order { "InOrder" } else { "in any order" }.to_owned()),
    );
    let timers = [
        ("inactivityTimeout", assertion.inactivity_timeout),
        ("acknowledgementInterval", assertion.acknowledgement_interval),
    ];
    for (name, milliseconds) in timers {
        said.extend(milliseconds.map(|milliseconds| format!("{name} {} s", seconds(milliseconds))));
    }
    said.extend(assertion.security.clone());
    said.join(", ")
}

fn seconds(milliseconds: u64) -> String {
    match milliseconds % 1000 {
        0 => (milliseconds / 1000).to_string(),
        rest => format!("{}.{}", milliseconds / 1000, format!("{rest:03}").trim_end_matches('0')),
    }
}

/// Why no session can be opened.
fn refused(found: &Found) {
    anstream::println!("\n{BAD}no session is granted{BAD:#} in any of the {} forms", found.attempts.len());
    if let Some(reason) = found.reason() {
        line("it says", &reason.refused.to_string());
        line("to", &reason.attempt.dialect().to_string());
        if let Some(explained) = &reason.explanation {
            line("that means", &explained.title);
            for (setting, advice) in explained.settings.iter().take(3) {
                line("look at", &format!("{setting}: {advice}"));
            }
            line("more", &format!("wsrm explain {}", explained.id));
        }
        if let Some(advice) = reason.advice {
            line("next", advice);
        }
    }
    others(found);
}

/// The forms that are not spoken, and what is said to them. Where it is the same with an offer and without, a form is
/// told of once.
fn others(found: &Found) {
    let mut answers: Vec<(String, Vec<String>)> = Vec::new();
    for attempt in &found.attempts {
        let Some(refused) = &attempt.refused else { continue };
        let is_same = |other: &&Attempt| {
            other.profile == attempt.profile
                && other.offered != attempt.offered
                && other.refused.as_ref() == Some(refused)
        };
        let form = match found.attempts.iter().find(is_same) {
            Some(_) if attempt.offered => attempt.profile.to_string(),
            Some(_) => continue,
            None => attempt.dialect().to_string(),
        };
        let answer = refused.to_string();
        match answers.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, forms)) => forms.push(form),
            None => answers.push((answer, vec![form])),
        }
    }
    if !answers.is_empty() {
        anstream::println!("\n{FAINT}not spoken{FAINT:#}");
    }
    for (answer, forms) in answers {
        anstream::println!("  {FAINT}{}:{FAINT:#}\n      {FAINT}{answer}{FAINT:#}", forms.join("; "));
    }
}
