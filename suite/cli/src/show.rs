//! `wsrm show`.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use clap::Args;
use wsrm_conformance::capture::Capture;
use wsrm_conformance::content::Content;
use wsrm_conformance::ladder::Ladder;
use wsrm_conformance::pretty::pretty;
use wsrm_conformance::recording::{self, Evidence, HttpMessage, Recording, Silence, StartLine};
use wsrm_conformance::summary::{SequenceNames, Summary, Tone};

use crate::exit::Exit;
use crate::terminal;

/// Print recordings, captures of other tools, or single messages
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm show fixtures/recordings/wcf/A-echo-rm11-s12a10-ord
      one recorded session as a ladder diagram
  wsrm show fixtures/recordings/wcf
      all recordings below a folder, one after the other
  wsrm show --messages fixtures/recordings/wcf/B-appfault-rm10
      its messages laid out for reading, each with what it means
  wsrm show fixtures/recordings/wcf/B-appfault-rm10/02-response.http
      a single message; a file with bare XML is taken too
  wsrm show fixtures/captures/echo-rm11-service.svclog
      the reliable sessions in a WCF message log; HTTP archives (HAR) and Fiddler archives (.saz) are taken too

Sequences have short names: S1 is the sequence that the client created first, R1 the one it offered for the replies, S2 and R2 are those of the next session, U1 is one that nobody created. S1#3 is message 3 of S1; \"Ack R1 1-2, 8 free\" says that 1 and 2 of R1 have come and that there is room for 8 more.

Credentials, security headers and tokens are shown as \"redacted\"; all else is as it was recorded.

Exit codes: 0 shown; 2 a path cannot be read or is no recording.")]
pub(crate) struct Arguments {
    /// Recordings (folders with a scenario.json), trees of them, captures (WCF message logs, HTTP archives, Fiddler
    /// archives), or single messages (.http, or bare XML)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Show every message of a recording instead of its ladder diagram
    #[arg(long, short)]
    messages: bool,

    /// With --messages: show the HTTP header fields too
    #[arg(long, requires = "messages")]
    headers: bool,

    /// Draw this many characters wide, instead of what the terminal has
    #[arg(long, value_name = "CHARACTERS", value_parser = clap::value_parser!(u16).range(40..=400))]
    width: Option<u16>,
}

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const FAULT: Style = AnsiColor::Red.on_default();
const PROTOCOL: Style = AnsiColor::Cyan.on_default();

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let width = arguments.width.map_or_else(terminal::width, usize::from);
    let printer = Printer { arguments, width };
    let mut exit = Exit::Success;
    for (index, path) in arguments.paths.iter().enumerate() {
        match printer.show(path, index > 0) {
            Ok(Flow::GoOn) => {}
            Ok(Flow::NobodyReads) => return exit,
            Err(error) => {
                anstream::eprintln!("wsrm show: {error}");
                exit = Exit::Usage;
            }
        }
    }
    exit
}

/// Whether anybody still reads what is printed.
enum Flow {
    GoOn,
    NobodyReads,
}

struct Printer<'a> {
    arguments: &'a Arguments,
    width: usize,
}

impl Printer<'_> {
    fn show(&self, path: &Path, mut apart: bool) -> Result<Flow, String> {
        if path.is_file() {
            let text = match Capture::read(path).map_err(|error| error.to_string())? {
                Some(capture) => self.capture(path, &capture)?,
                None => self.file(path)?,
            };
            return Ok(print(&text, apart));
        }
        for folder in recording::find(path).map_err(|error| error.to_string())? {
            let recording = Recording::read(&folder).map_err(|error| error.to_string())?;
            if matches!(print(&self.recording(&recording.shown()), apart), Flow::NobodyReads) {
                return Ok(Flow::NobodyReads);
            }
            apart = true;
        }
        Ok(Flow::GoOn)
    }

    fn recording(&self, recording: &Recording) -> String {
        if self.arguments.messages { self.messages(recording) } else { self.ladder(recording) }
    }

    /// The sessions of a capture one after the other, what was left out, and what there is to say about it.
    fn capture(&self, path: &Path, capture: &Capture) -> Result<String, String> {
        let mut sections: Vec<String> =
            capture.sessions.iter().map(|session| self.recording(&session.shown())).collect();
        let mut remarks = String::new();
        let left_out = capture.left_out.to_string();
        if !left_out.is_empty() {
            let _ = writeln!(remarks, "{FAINT}Left out: {left_out}.{FAINT:#}");
        }
        for note in &capture.notes {
            let _ = writeln!(remarks, "{FAINT}Note: {note}{FAINT:#}");
        }
        if capture.further_notes > 0 {
            let _ = writeln!(remarks, "{FAINT}Note: {} more of this kind{FAINT:#}", capture.further_notes);
        }
        if sections.is_empty() {
            let what = format!("{}: no reliable session in this {}", path.display(), capture.format);
            return Err(format!("{what}\n{remarks}").trim_end().to_owned());
        }
        sections.extend(Some(remarks).filter(|remarks| !remarks.is_empty()));
        Ok(sections.join("\n"))
    }

    fn ladder(&self, recording: &Recording) -> String {
        let mut text = Ladder::of(recording).render(self.width);
        for document in recording.documents() {
            let summary = Summary::of(&document.message, &mut SequenceNames::default());
            let _ = writeln!(text, "{}: {}", document.name, summary.text);
        }
        text
    }

    fn messages(&self, recording: &Recording) -> String {
        let mut names = SequenceNames::default();
        for exchange in recording.exchanges() {
            names.learn(&exchange.request, exchange.response.as_ref());
        }
        let scenario = recording.scenario();
        let mut text = format!("{TITLE}{}: {}{TITLE:#}\n", recording.name(), scenario.description);
        for exchange in recording.exchanges() {
            let number = exchange.number;
            let lost = if exchange.request_delivered { "" } else { ", lost" };
            self.message(&mut text, &format!("{number} request{lost}"), &exchange.request, &mut names);
            for copy in &exchange.copies {
                for (what, message) in [("request", &copy.request), ("response", &copy.response)] {
                    if let Some(message) = message {
                        let title = format!("{number} {what}, copy {}", copy.copy);
                        self.message(&mut text, &title, message, &mut names);
                    }
                }
            }
            match &exchange.response {
                Some(response) => {
                    let lost = if exchange.response_delivered { "" } else { ", lost" };
                    self.message(&mut text, &format!("{number} response{lost}"), response, &mut names);
                }
                None => {
                    let why = match &exchange.silence {
                        Silence::Closed => "the connection was closed",
                        Silence::Failed(why) => why,
                        Silence::Unknown => "there is none in the log",
                        Silence::OneWay => continue,
                    };
                    let _ = writeln!(text, "\n{TITLE}{number} no response{TITLE:#}: {why}");
                }
            }
        }
        for document in recording.documents() {
            self.message(&mut text, &document.name, &document.message, &mut names);
        }
        text
    }

    fn message(&self, text: &mut String, title: &str, message: &HttpMessage, names: &mut SequenceNames) {
        let summary = Summary::of(message, names);
        let style = match summary.tone {
            Tone::Fault => FAULT,
            Tone::Protocol => PROTOCOL,
            Tone::Application | Tone::Plain => Style::new(),
        };
        let place = message.place().map(|place| format!("  {FAINT}{place}{FAINT:#}")).unwrap_or_default();
        let _ = writeln!(text, "\n{TITLE}{title}{TITLE:#}: {style}{}{style:#}{place}", summary.text);
        self.body(text, message);
    }

    fn body(&self, text: &mut String, message: &HttpMessage) {
        if self.arguments.headers {
            let _ = match message.start() {
                StartLine::Request { method, target } => writeln!(text, "{FAINT}{method} {target}{FAINT:#}"),
                StartLine::Response { status, reason } => writeln!(text, "{FAINT}{status} {reason}{FAINT:#}"),
            };
            for (name, value) in message.fields() {
                let _ = writeln!(text, "{FAINT}{name}: {value}{FAINT:#}");
            }
            text.push('\n');
        }
        text.push_str(&readable(message.body(), &Content::of(message), self.width));
    }

    fn file(&self, path: &Path) -> Result<String, String> {
        let bytes = recording::read_file(path).map_err(|error| error.to_string())?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut names = SequenceNames::default();
        let mut text = String::new();
        let is_http = path.extension().is_some_and(|extension| extension == "http");
        match HttpMessage::parse(&bytes) {
            Ok(message) => self.message(&mut text, &name, &message.shown(), &mut names),
            Err(error) if is_http => return Err(format!("{}: {error}", path.display())),
            Err(_) => {
                let start = StartLine::Response { status: 200, reason: String::new() };
                let message = HttpMessage::from_parts(start, Vec::new(), bytes, Evidence::Rewritten).shown();
                let content = Content::of_bytes(message.body(), None);
                let summary = Summary::of_content(&content, &mut names);
                let what = if message.body().is_empty() { "an empty file" } else { &summary.text };
                let _ = writeln!(text, "{TITLE}{name}{TITLE:#}: {what}");
                text.push_str(&readable(message.body(), &content, self.width));
            }
        }
        for (short, identifier) in names.legend() {
            let _ = writeln!(text, "{FAINT}{short} {identifier}{FAINT:#}");
        }
        Ok(text.trim_start_matches('\n').to_owned())
    }
}

/// The body for reading: XML laid out, other text as it is, nothing of what is no text.
fn readable(body: &[u8], content: &Content<'_>, width: usize) -> String {
    match content {
        Content::Empty | Content::FastInfoset | Content::Binary => String::new(),
        _ => pretty(body, width).unwrap_or_else(|| {
            let mut text = String::from_utf8_lossy(body).into_owned();
            text.push('\n');
            text
        }),
    }
}

fn print(text: &str, apart: bool) -> Flow {
    let mut out = anstream::stdout().lock();
    let separator = if apart { "\n" } else { "" };
    match write!(out, "{separator}{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Flow::NobodyReads,
        _ => Flow::GoOn,
    }
}
