//! One record of a message log.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use wsrm_wire::infoset::Node;
use wsrm_wire::{Element, Infoset, Limits, Sin};

use super::{MESSAGE, status};
use crate::capture::facts::{Facts, Part, is_anonymous};
use crate::capture::text::{excerpt, moment};
use crate::capture::{MAX_PART, Way};
use crate::recording::{Evidence, HttpMessage, NOT_LOGGED, StartLine};

/// The level at which a message was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Level {
    Transport,
    Service,
}

/// What a record is of an HTTP exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Request,
    Response,
}

/// A message with what the log says about it.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// Counted from 1 through all events of the file.
    pub number: usize,
    /// The same for the same bytes.
    pub digest: u64,
    pub time: Option<Timestamp>,
    pub level: Level,
    pub way: Way,
    pub half: Half,
    /// It goes by itself, over a transport that has no answers.
    pub is_datagram: bool,
    /// Whether the log has anything of HTTP about it.
    pub has_http: bool,
    /// What there is to say about how it was read.
    pub remark: Option<String>,
    /// The activity, where there is one.
    pub activity: Option<String>,
    pub thread: String,
    /// Name, number and computer of the process that logged it.
    pub process: String,
    pub program: Option<String>,
    pub message: HttpMessage,
    pub facts: Facts,
}

/// What a record holds.
pub(super) enum Seen {
    Message(Box<Record>),
    /// A message that WCF could not read: its text.
    Malformed(String),
    /// Not a message.
    Event,
}

/// The event around a message: who wrote it, when.
#[derive(Default)]
struct System {
    time: Option<Timestamp>,
    activity: Option<String>,
    thread: String,
    process: String,
    program: Option<String>,
}

/// What stands beside the envelope, and the envelope.
#[derive(Default)]
struct Parts {
    request: Option<StartLine>,
    response: Option<StartLine>,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    evidence: Option<Evidence>,
    text: String,
    remark: Option<String>,
}

const NO_ACTIVITY: &str = "00000000-0000-0000-0000-000000000000";

/// An envelope may be as deep as one on the wire; some elements stand around it.
const LIMITS: Limits = Limits { bytes: MAX_PART as usize, depth: 160, attributes: 256, bindings: 256 };

impl Record {
    /// Reads the element that one event is. The error is for a reader.
    pub(super) fn read(bytes: &[u8], number: usize, place: &str) -> Result<Seen, String> {
        let infoset = Infoset::read(bytes, &LIMITS)
            .map_err(|error| format!("it cannot be read: {} at byte {} of it", error.sin, error.offset))?;
        let root = infoset.root();
        let Some(logged) = find(root, MESSAGE) else { return Ok(Seen::Event) };
        let system = child(root, "System").map(System::read).unwrap_or_default();
        let time = logged.attribute("", "Time").and_then(|time| moment(&time)).or(system.time);
        let source = logged.attribute("", "Source").unwrap_or_default();
        let parts = Parts::read(logged);
        let Some((level, way, half)) = read_source(&source) else {
            if source.contains("Malformed") {
                let text = if parts.body.is_empty() { parts.text.into_bytes() } else { parts.body };
                return Ok(Seen::Malformed(String::from_utf8_lossy(&text).into_owned()));
            }
            return Err(format!("a message whose source is {source:?}, which is not known"));
        };
        if parts.body.is_empty() && parts.request.is_none() && parts.response.is_none() {
            return Err(format!("{source}: there is no message in it: {:?}", excerpt(&parts.text)));
        }
        let has_http = parts.request.is_some() || parts.response.is_some();
        let remark = parts.remark.clone();
        let (message, half, is_datagram, facts) = parts.assemble(half, place);
        Ok(Seen::Message(Box::new(Self {
            number,
            digest: {
                let mut hasher = DefaultHasher::new();
                bytes.hash(&mut hasher);
                hasher.finish()
            },
            time,
            level,
            way,
            half,
            is_datagram,
            has_http,
            remark,
            activity: system.activity,
            thread: system.thread,
            process: system.process,
            program: system.program,
            message,
            facts,
        })))
    }

    /// Whether the side that sent the request logged it.
    pub(super) fn is_callers(&self) -> bool {
        (self.half == Half::Request) == (self.way == Way::Sent)
    }
}

/// What can be told of a record that breaks off.
pub(super) fn glimpse(bytes: &[u8]) -> Option<String> {
    let infoset = Infoset::read_lazily(bytes, &LIMITS).ok()?;
    let logged = find(infoset.root(), MESSAGE)?;
    let source = logged.attribute("", "Source")?;
    let action = find(logged, "Action").filter(|action| action.is_closed());
    Some(match action {
        Some(action) => format!("{source} {}", excerpt(&action.text())),
        None => source.into_owned(),
    })
}

/// The first element of this name at or below `element`, in any namespace, not deeper than the envelope's headers.
fn find<'i>(element: Element<'i>, local: &str) -> Option<Element<'i>> {
    let mut waiting = vec![(element, 0)];
    while let Some((element, depth)) = waiting.pop() {
        if element.local() == local {
            return Some(element);
        }
        if depth < 8 {
            let below: Vec<_> = element.elements().map(|child| (child, depth + 1)).collect();
            waiting.extend(below.into_iter().rev());
        }
    }
    None
}

fn child<'i>(element: Element<'i>, local: &str) -> Option<Element<'i>> {
    element.elements().find(|child| child.local() == local)
}

/// Level, way and, where the name tells, whether it is a request. A source may carry further words.
fn read_source(source: &str) -> Option<(Level, Way, Option<Half>)> {
    const SOURCES: [(&str, Level, Way, Option<Half>); 8] = [
        ("TransportSend", Level::Transport, Way::Sent, None),
        ("TransportReceive", Level::Transport, Way::Received, None),
        ("ServiceLevelSendRequest", Level::Service, Way::Sent, Some(Half::Request)),
        ("ServiceLevelReceiveRequest", Level::Service, Way::Received, Some(Half::Request)),
        ("ServiceLevelSendReply", Level::Service, Way::Sent, Some(Half::Response)),
        ("ServiceLevelReceiveReply", Level::Service, Way::Received, Some(Half::Response)),
        ("ServiceLevelSendDatagram", Level::Service, Way::Sent, Some(Half::Request)),
        ("ServiceLevelReceiveDatagram", Level::Service, Way::Received, Some(Half::Request)),
    ];
    let mut words = source.split([' ', ',', '|']).filter(|word| !word.is_empty());
    let found = words.find_map(|word| SOURCES.iter().find(|(name, ..)| *name == word))?;
    Some((found.1, found.2, found.3))
}

impl System {
    fn read(element: Element<'_>) -> Self {
        let of = |name: &str, attribute: &str| {
            child(element, name)
                .and_then(|child| child.attribute("", attribute))
                .map(|value| value.into_owned())
        };
        let activity = of("Correlation", "ActivityID").unwrap_or_default();
        let activity = activity.trim().trim_matches(['{', '}']).to_owned();
        let program = of("Execution", "ProcessName");
        let computer = child(element, "Computer").map(|computer| computer.text().into_owned());
        Self {
            time: of("TimeCreated", "SystemTime").and_then(|time| moment(&time)),
            activity: Some(activity).filter(|activity| !activity.is_empty() && activity != NO_ACTIVITY),
            thread: of("Execution", "ThreadID").unwrap_or_default(),
            process: format!(
                "{} {} {}",
                program.as_deref().unwrap_or_default(),
                of("Execution", "ProcessID").unwrap_or_default(),
                computer.unwrap_or_default()
            ),
            program,
        }
    }
}

impl Parts {
    fn read(logged: Element<'_>) -> Self {
        let mut parts = Self::default();
        for node in logged.children() {
            match node {
                Node::Text(text) | Node::CData(text) => parts.text.push_str(&text.value()),
                Node::Comment(_) => {}
                Node::Element(element) => match element.local() {
                    "Addressing" | "Security" => {}
                    "HttpRequest" => parts.read_request(element),
                    "HttpResponse" => parts.read_response(element),
                    _ => parts.read_message(element),
                },
            }
        }
        // Some listeners write the message as text.
        if parts.body.is_empty() && Infoset::read(parts.text.trim().as_bytes(), &LIMITS).is_ok() {
            parts.body = parts.text.trim().as_bytes().to_vec();
        }
        parts
    }

    fn read_fields(&mut self, element: Element<'_>) {
        let fields = child(element, "WebHeaders").into_iter().flat_map(Element::elements);
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.fields.extend(fields.map(|field| (field.local().to_owned(), one_line(&field.text()))));
    }

    fn read_request(&mut self, element: Element<'_>) {
        let text =
            |name: &str| child(element, name).map(|child| child.token().into_owned()).unwrap_or_default();
        let query = text("QueryString");
        let query = query.trim_start_matches('?');
        let target = if query.is_empty() { String::new() } else { format!("?{query}") };
        let method =
            Some(text("Method")).filter(|method| !method.is_empty()).unwrap_or_else(|| "POST".to_owned());
        self.request = Some(StartLine::Request { method, target });
        self.read_fields(element);
    }

    fn read_response(&mut self, element: Element<'_>) {
        let text =
            |name: &str| child(element, name).map(|child| child.token().into_owned()).unwrap_or_default();
        let name = text("StatusCode");
        let described = text("StatusDescription");
        let reason = if described.is_empty() { status::reason(&name) } else { described };
        self.response = Some(match status::code(&name) {
            Some(status) => StartLine::Response { status, reason },
            None => {
                self.remark = Some(format!(
                    "a response whose StatusCode is {name:?}; taken for one that was not logged"
                ));
                StartLine::Response { status: 0, reason: NOT_LOGGED.to_owned() }
            }
        });
        self.read_fields(element);
    }

    fn read_message(&mut self, element: Element<'_>) {
        let xml = element.xml();
        let is_envelope = element.local() == "Envelope";
        let without_content = match child(element, "Body") {
            None if is_envelope => Some(with_empty_body(element, xml)),
            Some(body) if is_envelope && is_left_out(body) => {
                let (content, shift) = (body.content_span(), element.span().start);
                Some(splice(xml, content.start - shift..content.end - shift, ""))
            }
            _ => None,
        };
        self.evidence = without_content.is_some().then_some(Evidence::HeadersOnly);
        self.body = self_contained(element, without_content.unwrap_or_else(|| xml.to_owned())).into_bytes();
    }

    /// The HTTP message that it was, as far as is known; whether it is a request; whether it goes by itself.
    fn assemble(self, half: Option<Half>, place: &str) -> (HttpMessage, Half, bool, Facts) {
        let evidence = self.evidence.unwrap_or(Evidence::Rewritten);
        let no_start = StartLine::Response { status: 200, reason: NOT_LOGGED.to_owned() };
        let probe = HttpMessage::from_parts(no_start, Vec::new(), self.body.clone(), evidence);
        let facts = Facts::of(&probe);
        let to = facts.to.as_deref().unwrap_or_default();
        let scheme = to.split("://").next().unwrap_or_default();
        let has_http = self.request.is_some() || self.response.is_some();
        let is_datagram = !has_http && matches!(scheme, "net.tcp" | "net.pipe" | "net.msmq" | "soap.udp");
        let half = match (&self.request, &self.response, half) {
            (Some(_), ..) => Half::Request,
            (None, Some(_), _) => Half::Response,
            (None, None, Some(half)) => half,
            (None, None, None) if facts.is_answer() => Half::Response,
            (None, None, None) => Half::Request,
        };
        let start = match half {
            Half::Request => request_line(self.request, to),
            Half::Response => match self.response {
                Some(StartLine::Response { status: 0, .. }) | None => supposed_status(&facts),
                Some(known) => known,
            },
        };
        let message = HttpMessage::from_parts(start, self.fields, self.body, evidence).at(place);
        (message, half, is_datagram, facts)
    }
}

/// The path is where the message says it goes: the log has the query alone.
fn request_line(logged: Option<StartLine>, to: &str) -> StartLine {
    let path = to.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    let path = path.filter(|_| !is_anonymous(to) && !to.contains(char::is_whitespace)).unwrap_or("/");
    match logged {
        Some(StartLine::Request { method, target }) => {
            let path = path.split('?').next().unwrap_or(path);
            StartLine::Request { method, target: format!("{path}{target}") }
        }
        _ => StartLine::Request { method: "POST".to_owned(), target: path.to_owned() },
    }
}

/// SOAP over HTTP says 500 with a fault and 200 else.
fn supposed_status(facts: &Facts) -> StartLine {
    let status = if facts.part == Part::Fault { 500 } else { 200 };
    StartLine::Response { status, reason: NOT_LOGGED.to_owned() }
}

/// Whether the content of a body is WCF's word for a content that was not logged: `... stream ...`, `... Error reading
/// body ...`.
fn is_left_out(body: Element<'_>) -> bool {
    let text = body.text();
    let text = text.trim();
    body.elements().next().is_none() && text.starts_with("...") && text.ends_with("...")
}

fn splice(xml: &str, range: std::ops::Range<usize>, with: &str) -> String {
    let (head, tail) = (xml.get(..range.start).unwrap_or_default(), xml.get(range.end..).unwrap_or_default());
    format!("{head}{with}{tail}")
}

/// The element, whose text is `xml`, as a document: with the declarations around it, where it cannot be read without.
fn self_contained(element: Element<'_>, xml: String) -> String {
    let around = element.fragment().scope;
    let declared: String = around
        .iter()
        .filter(|binding| !binding.prefix.is_empty())
        .map(|binding| {
            let name = binding.namespace.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            format!(" xmlns:{}=\"{name}\"", binding.prefix)
        })
        .collect();
    if declared.is_empty() {
        return xml;
    }
    let read = Infoset::read(xml.as_bytes(), &LIMITS);
    let is_unbound = matches!(read, Err(error) if matches!(error.sin, Sin::UnboundPrefix(_)));
    if is_unbound { declare(&xml, &declared) } else { xml }
}

/// Puts declarations behind the name of the root element.
fn declare(xml: &str, declarations: &str) -> String {
    let end = xml.find([' ', '\t', '\r', '\n', '/', '>']).unwrap_or(xml.len());
    splice(xml, end..end, declarations)
}

/// The envelope with an empty body, where it has none.
fn with_empty_body(envelope: Element<'_>, xml: &str) -> String {
    let prefix = envelope.prefix();
    let colon = if prefix.is_empty() { "" } else { ":" };
    let body = format!("<{prefix}{colon}Body/>");
    match xml.rfind("</") {
        Some(end) if envelope.content_span().end > envelope.content_span().start => {
            splice(xml, end..end, &body)
        }
        _ => xml.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ENVELOPE: &str = concat!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing">"#,
        r#"<s:Header><a:Action>urn:x</a:Action><a:To>http://h:1/p/q</a:To></s:Header><s:Body><b/></s:Body></s:Envelope>"#
    );

    fn record(inside: &str) -> Result<Seen, String> {
        let event = format!(
            "<E2ETraceEvent xmlns='e'><System><TimeCreated SystemTime='2026-01-01T00:00:00Z'/></System>\
             <ApplicationData><TraceData><DataItem>{inside}</DataItem></TraceData></ApplicationData></E2ETraceEvent>"
        );
        Record::read(event.as_bytes(), 1, "here")
    }

    fn message(source: &str, inside: &str) -> Record {
        let seen = record(&format!(
            "<MessageLogTraceRecord Source='{source}' xmlns='m'>{inside}</MessageLogTraceRecord>"
        ));
        match seen {
            Ok(Seen::Message(record)) => *record,
            Ok(_) => panic!("no message"),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn reads_a_request() {
        let http = "<HttpRequest><Method>POST</Method><QueryString>?a=b</QueryString><WebHeaders><Host>h:1</Host></WebHeaders></HttpRequest>";
        let record = message("TransportSend", &format!("{http}{ENVELOPE}"));
        assert_eq!(record.half, Half::Request);
        let start = StartLine::Request { method: "POST".to_owned(), target: "/p/q?a=b".to_owned() };
        assert_eq!(record.message.start(), &start);
        assert_eq!(record.message.field("host"), Some("h:1"));
        assert_eq!(record.message.body(), ENVELOPE.as_bytes());
        assert_eq!(record.message.evidence(), Evidence::Rewritten);
        assert_eq!(record.time, moment("2026-01-01T00:00:00Z"));
    }

    #[rstest]
    #[case::no_body("<s:Body><b/></s:Body>", "", "<s:Body/>")]
    #[case::stream("<b/>", "... stream ...", "<s:Body></s:Body>")]
    fn bodies_that_were_not_logged(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
        let record = message("TransportSend", &ENVELOPE.replace(from, to));
        assert_eq!(record.message.evidence(), Evidence::HeadersOnly);
        let body = String::from_utf8(record.message.body().to_vec()).unwrap();
        assert!(body.ends_with(&format!("{expected}</s:Envelope>")), "{body}");
        assert!(record.facts.is_soap);
    }

    #[test]
    fn takes_declarations_from_around() {
        let inside = ENVELOPE.replace(r#" xmlns:a="http://www.w3.org/2005/08/addressing""#, "");
        let around =
            format!("<w:Wrap xmlns:a='http://www.w3.org/2005/08/addressing' xmlns:w='w'>{inside}</w:Wrap>");
        let event = around
            .replace("<w:Wrap", "<MessageLogTraceRecord Source='TransportSend'")
            .replace("</w:Wrap", "</MessageLogTraceRecord");
        let Ok(Seen::Message(record)) = record(&event) else { panic!("no message") };
        assert!(record.facts.is_soap, "{}", String::from_utf8_lossy(record.message.body()));
    }

    #[rstest]
    #[case("TransportSend", Some((Level::Transport, Way::Sent, None)))]
    #[case("ServiceLevelReceiveReply, LastChance", Some((Level::Service, Way::Received, Some(Half::Response))))]
    #[case("Malformed", None)]
    #[case("TransportSendOrSo", None)]
    fn knows_sources(#[case] source: &str, #[case] expected: Option<(Level, Way, Option<Half>)>) {
        assert_eq!(read_source(source), expected);
    }
}
