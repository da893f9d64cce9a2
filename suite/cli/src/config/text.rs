//! The result for people.

use std::fmt::{self, Display, Write as _};

use anstyle::{AnsiColor, Style};
use wsrm_protocol::config::{
    Binding, BindingKind, Configuration, Endpoint, Location, Origin, Problem, Setting, Side,
};

use super::{Failure, Report};

const HEADING: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();
const FAINT: Style = Style::new().dimmed();

/// The width of the names of lines.
const LABEL: usize = 11;
/// The width of the names of settings: the longest is `reliableMessagingVersion`.
const SETTING: usize = 24;

/// A text in a style.
struct Styled<T>(Style, T);

impl<T: Display> Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.0.render(), self.1, self.0.render_reset())
    }
}

/// Lines of text; writing to a string does not fail.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, text: impl Display) {
        let _ = writeln!(self.0, "{text}");
    }

    /// A line under a heading: its label and its text.
    fn row(&mut self, label: &str, text: impl Display) {
        let _ = writeln!(self.0, "  {label:LABEL$}{text}");
    }
}

/// Writes the files that could be read.
pub(super) fn write(reports: &[Report], skipped: usize, all: bool) -> String {
    let mut page = Page::default();
    for report in reports {
        if let Ok(configuration) = &report.outcome {
            if !page.0.is_empty() {
                page.line("");
            }
            file(&mut page, &report.path, configuration, all);
        }
    }
    if skipped > 0 {
        page.line("");
        page.line(Styled(FAINT, format!("{skipped} other *.config files do not concern WCF")));
    }
    page.0
}

/// Writes why the other files could not be read.
pub(super) fn write_errors(reports: &[Report]) -> String {
    let mut page = Page::default();
    let error = Styled(BAD, "error");
    for report in reports {
        match &report.outcome {
            Ok(_) => {}
            Err(Failure::File(message)) => page.line(format_args!("{error}: {}: {message}", report.path)),
            Err(Failure::Content(errors)) => {
                for each in errors.iter() {
                    let Location { path, line, column } = &each.location;
                    page.line(format_args!("{error}: {}:{line}:{column}: {}", report.path, each.message));
                    if !path.is_empty() {
                        page.row("at", path);
                    }
                    if let Some(allowed) = &each.allowed {
                        page.row("allowed", allowed);
                    }
                    if let Some(wcf) = &each.wcf {
                        page.row("WCF says", wcf);
                    }
                }
            }
        }
    }
    page.0
}

fn file(page: &mut Page, path: &str, configuration: &Configuration, all: bool) {
    page.line(Styled(HEADING, path));
    for note in configuration.notes() {
        page.row("note", format_args!("{} (line {})", note.text, note.location.line));
    }
    for each in configuration.endpoints() {
        page.line("");
        endpoint(page, configuration, each);
    }
    for each in configuration.bindings() {
        if all || each.reliable_session.is_some() || each.is_written() {
            page.line("");
            binding(page, each, all);
        }
    }
}

fn endpoint(page: &mut Page, configuration: &Configuration, endpoint: &Endpoint) {
    let what = match &endpoint.side {
        Side::Client => "client endpoint".to_owned(),
        Side::Service(name) => format!("endpoint of service {name}"),
        Side::Mapped(scheme) => format!("default endpoint of any service hosted at {scheme}:"),
        Side::Default(name) => format!("default endpoint of service {name}"),
    };
    let name = if endpoint.name.is_empty() { String::new() } else { format!(" '{}'", endpoint.name) };
    page.line(format_args!(
        "{}  {}",
        Styled(HEADING, format!("{what}{name}")),
        Styled(FAINT, format!("line {}", endpoint.location.line))
    ));
    if let Some(scope) = &endpoint.scope {
        page.row("location", scope);
    }
    match &endpoint.address {
        Some(address) => page.row("address", address),
        None => page.row("address", Styled(FAINT, "the host's")),
    }
    if !endpoint.contract.is_empty() {
        page.row("contract", &endpoint.contract);
    }
    if let Some(kind) = &endpoint.kind {
        page.row("kind", format_args!("standard endpoint {kind}"));
    }
    let binding = configuration.binding_of(endpoint);
    match (&endpoint.binding_kind, binding) {
        (_, Some(binding)) => page.row("binding", binding),
        (Some(kind), None) if endpoint.binding_name.is_empty() => page.row("binding", kind),
        (Some(kind), None) => {
            page.row(
                "binding",
                format_args!("{kind} '{}', which is not in this file", endpoint.binding_name),
            );
        }
        (None, None) => {}
    }
    if endpoint.is_metadata() {
        page.row("reliable", "no: it serves metadata");
    } else if let Some(binding) = binding {
        page.row("reliable", reliability(binding));
        if binding.reliable_session.is_some() {
            page.row("wsrm", speakable(binding));
        }
    } else if let Some(BindingKind::Extension(_)) = &endpoint.binding_kind {
        page.row("reliable", "unknown: the binding is an extension's");
    }
    problems(page, &endpoint.problems);
}

fn binding(page: &mut Page, binding: &Binding, all: bool) {
    let place = binding
        .location
        .as_ref()
        .map_or("not written: all by default".to_owned(), |location| format!("line {}", location.line));
    page.line(format_args!("{}  {}", Styled(HEADING, format!("binding {binding}")), Styled(FAINT, place)));
    if let Some(scope) = &binding.scope {
        page.row("location", scope);
    }
    page.row("reliable", reliability(binding));
    let Some(session) = &binding.reliable_session else {
        if all {
            stack(page, binding);
            settings(page, "timeouts", binding.timeouts.iter(), binding);
        }
        finish(page, binding);
        return;
    };
    stack(page, binding);
    settings(page, "settings", session.iter(), binding);
    settings(page, "timeouts", binding.timeouts.iter(), binding);
    if binding.unsupported.is_empty() {
        page.row("wsrm", speakable(binding));
    } else {
        page.row("wsrm", Styled(WARNING, "can not speak it yet:"));
        for missing in &binding.unsupported {
            page.row("", missing);
        }
    }
    finish(page, binding);
}

fn finish(page: &mut Page, binding: &Binding) {
    problems(page, &binding.problems);
    for note in &binding.notes {
        page.row("note", note);
    }
}

fn stack(page: &mut Page, binding: &Binding) {
    let width =
        binding.stack.iter().map(|element| element.to_string().chars().count()).max().unwrap_or_default();
    for (position, element) in binding.stack.iter().enumerate() {
        let label = if position == 0 { "stack" } else { "" };
        let origin = Styled(FAINT, origin(&element.origin, binding));
        page.row(label, format_args!("{:width$}  {origin}", element.to_string()));
    }
}

fn settings<'a>(
    page: &mut Page,
    label: &str,
    settings: impl Iterator<Item = Setting<'a>>,
    binding: &Binding,
) {
    let settings: Vec<_> = settings.collect();
    let width = settings.iter().map(|setting| setting.value.len()).max().unwrap_or_default();
    for (position, setting) in settings.into_iter().enumerate() {
        let label = if position == 0 { label } else { "" };
        let origin = Styled(FAINT, origin(setting.origin, binding));
        page.row(label, format_args!("{:SETTING$}  {:width$}  {origin}", setting.name, setting.value));
    }
}

fn problems(page: &mut Page, problems: &[Problem]) {
    for problem in problems {
        let line =
            problem.location.as_ref().map_or(String::new(), |location| format!(" (line {})", location.line));
        page.row("problem", format_args!("{}{line}", Styled(BAD, &problem.message)));
        if let Some(wcf) = &problem.wcf {
            page.row("WCF says", wcf);
        }
    }
}

fn reliability(binding: &Binding) -> String {
    let Some(session) = &binding.reliable_session else {
        return match &binding.kind {
            BindingKind::Extension(_) => "unknown: the binding is an extension's".to_owned(),
            _ => "no".to_owned(),
        };
    };
    let rm = session.reliable_messaging_version.value;
    let order = if session.ordered.value { "ordered" } else { "unordered" };
    match binding.message_version {
        Some(version) => format!("{}: {rm}, {version}, {order}", Styled(GOOD, "yes")),
        None => format!("{}: {rm}, {order}; an extension decides SOAP and addressing", Styled(GOOD, "yes")),
    }
}

fn speakable(binding: &Binding) -> String {
    if !binding.unsupported.is_empty() {
        let names: Vec<_> = binding.unsupported.iter().map(|missing| missing.element.as_str()).collect();
        Styled(WARNING, format!("can not speak it yet: {}", names.join(", "))).to_string()
    } else if binding.problems.is_empty() {
        Styled(GOOD, "can speak it").to_string()
    } else {
        Styled(WARNING, "can not speak it: see the problems").to_string()
    }
}

fn origin(origin: &Origin, binding: &Binding) -> String {
    match origin {
        Origin::Written(location) => format!("line {}", location.line),
        Origin::Binding => format!("{}'s own", binding.kind),
        Origin::Default => "default".to_owned(),
    }
}
