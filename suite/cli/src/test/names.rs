//! What cases are called, and how one is run again.

use anstyle::Style;
use wsrm_conformance::case::{Case, Needs, Target};
use wsrm_conformance::dialect::Dialect;
use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

use super::Arguments;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints the names of the cases.
pub(crate) fn list(cases: &[&Case]) {
    for case in cases {
        let tags = tags(case).join(", ");
        let tags = if tags.is_empty() { tags } else { format!(" [{tags}]") };
        anstream::println!("{TITLE}{}{TITLE:#}{FAINT}{tags}{FAINT:#}\n    {}", case.name, case.about);
    }
}

/// The tags of a case.
pub(crate) fn tags(case: &Case) -> Vec<&'static str> {
    let tags = [("hostile", case.hostile), ("slow", case.slow)];
    tags.into_iter().filter(|(_, is_set)| *is_set).map(|(tag, _)| tag).collect()
}

/// What a case needs of the endpoint.
pub(crate) fn needs(case: &Case) -> Vec<&'static str> {
    let Needs { rm, pattern, obedient } = case.needs;
    let operation = obedient.then_some("an operation that does what its text says");
    rm.map(Dialect::rm_name).into_iter().chain(pattern.map(Dialect::pattern_name)).chain(operation).collect()
}

/// The command that runs this case alone again.
pub(super) fn repeat(arguments: &Arguments, url: &str, case: &Case, target: &Target) -> String {
    let mut command = format!("wsrm test {url} {}", options(case, target));
    if let (Some(action), Some(body)) = (&arguments.action, &arguments.body) {
        command.push_str(&format!(" --action {action} --body {}", body.display()));
    }
    command
}

/// The options that choose this case and this form.
pub(crate) fn options(case: &Case, target: &Target) -> String {
    let rm = match target.profile.rm {
        RmVersion::February2005 => "1.0",
        RmVersion::V200702 => "1.1",
    };
    let soap = match target.profile.soap {
        SoapVersion::Soap11 => "1.1",
        SoapVersion::Soap12 => "1.2",
    };
    let addressing = match target.profile.addressing {
        AddressingVersion::August2004 => "2004/08",
        AddressingVersion::Addressing10 => "1.0",
    };
    let pattern = match target.pattern {
        Pattern::OneWay => "one-way",
        Pattern::RequestReply => "echo",
    };
    let name = case.name;
    let mut options =
        format!("--case {name} --rm {rm} --soap {soap} --addressing {addressing} --pattern {pattern}");
    for (flag, is_set) in [("--hostile", case.hostile), ("--slow", case.slow)] {
        if is_set {
            options.push_str(&format!(" {flag}"));
        }
    }
    options
}
