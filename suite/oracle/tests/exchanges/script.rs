//! Small exchanges written by hand, one message a line.
//!
//! `> KIND ...` is a request of the client, `< KIND ...` the response to it, `< -` a connection that ended without, `<3 KIND`
//! the response to the third request, where several are under way.
//! What follows the kind: `s=1` the number in the sequence of the requests, `o=1` in that of the replies, `ack-s=1-2`
//! an acknowledgement of the requests, `ack-o=..` of the replies (`none` for None), `final` and `buffer=8` inside it,
//! `id=..` the MessageID, `re=..` what it relates to, `last=..` LastMsgNumber or, on a message, the mark of the last,
//! `ask` an AckRequested, `lost` that it got lost.

use std::collections::BTreeMap;

use wsrm_oracle::{Catalogue, Delivery, Exchange, HttpMessage, Judge, Party, Sent, StartLine, Trace};

const WSA: &str = "http://www.w3.org/2005/08/addressing";

/// What is the same in all messages of a script.
struct Session {
    rm: &'static str,
    is_11: bool,
}

impl Session {
    /// Reads `s=1` and the like into headers.
    fn headers(&self, words: &BTreeMap<&str, &str>) -> String {
        let mut headers = String::new();
        let mark = if words.contains_key("mark") { "<r:LastMessage/>" } else { "" };
        for (key, id) in [("s", "urn:s"), ("o", "urn:o"), ("x", "urn:x")] {
            if let Some(number) = words.get(key) {
                headers += &format!(
                    "<r:Sequence s:mustUnderstand=\"1\"><r:Identifier>{id}</r:Identifier>\
                     <r:MessageNumber>{number}</r:MessageNumber>{mark}</r:Sequence>"
                );
            }
        }
        for (key, id) in [("ack-s", "urn:s"), ("ack-o", "urn:o"), ("ack-x", "urn:x")] {
            if let Some(ranges) = words.get(key) {
                headers += &self.acknowledgement(id, ranges, words);
            }
        }
        if let Some(id) = words.get("ask") {
            headers += &format!("<r:AckRequested><r:Identifier>urn:{id}</r:Identifier></r:AckRequested>");
        }
        headers
    }

    fn acknowledgement(&self, id: &str, ranges: &str, words: &BTreeMap<&str, &str>) -> String {
        let ranges: String = ranges
            .split(',')
            .map(|range| match range.split_once('-') {
                Some((lower, upper)) => {
                    format!("<r:AcknowledgementRange Lower=\"{lower}\" Upper=\"{upper}\"/>")
                }
                None => "<r:None/>".to_owned(),
            })
            .collect();
        let last = if words.contains_key("final") { "<r:Final/>" } else { "" };
        let buffer = words.get("buffer").map_or(String::new(), |buffer| {
            format!("<n:BufferRemaining xmlns:n=\"http://schemas.microsoft.com/ws/2006/05/rm\">{buffer}</n:BufferRemaining>")
        });
        format!(
            "<r:SequenceAcknowledgement><r:Identifier>{id}</r:Identifier>{ranges}{last}{buffer}</r:SequenceAcknowledgement>"
        )
    }

    fn body(&self, kind: &str, words: &BTreeMap<&str, &str>) -> (String, String) {
        let rm = |name: &str| format!("{}/{name}", self.rm);
        let of = words.get("of").copied().unwrap_or("s");
        let last = words
            .get("last")
            .map_or(String::new(), |last| format!("<r:LastMsgNumber>{last}</r:LastMsgNumber>"));
        let lifecycle = |name: &str| {
            (rm(name), format!("<r:{name}><r:Identifier>urn:{of}</r:Identifier>{last}</r:{name}>"))
        };
        let epr = |name: &str, to: &str| format!("<r:{name}><a:Address>{to}</a:Address></r:{name}>");
        let anonymous = format!("{WSA}/anonymous");
        match kind {
            "create" => {
                let endpoint = if self.is_11 { epr("Endpoint", &anonymous) } else { String::new() };
                let offer = words.get("offer").map_or(String::new(), |offer| {
                    format!("<r:Offer><r:Identifier>urn:{offer}</r:Identifier>{endpoint}</r:Offer>")
                });
                (
                    rm("CreateSequence"),
                    format!("<r:CreateSequence>{}{offer}</r:CreateSequence>", epr("AcksTo", &anonymous)),
                )
            }
            "created" => {
                let accept = if words.contains_key("accept") {
                    format!("<r:Accept>{}</r:Accept>", epr("AcksTo", "http://service/"))
                } else {
                    String::new()
                };
                let name = "CreateSequenceResponse";
                (rm(name), format!("<r:{name}><r:Identifier>urn:{of}</r:Identifier>{accept}</r:{name}>"))
            }
            "close" => lifecycle("CloseSequence"),
            "closed" => lifecycle("CloseSequenceResponse"),
            "terminate" => lifecycle("TerminateSequence"),
            "terminated" => lifecycle("TerminateSequenceResponse"),
            "ack" => (rm("SequenceAcknowledgement"), String::new()),
            "ask" => (rm("AckRequested"), String::new()),
            "last" => (rm("LastMessage"), String::new()),
            text => (
                format!("urn:{}", text.trim_end_matches(char::is_numeric)),
                format!("<t xmlns=\"urn:t\">{text}</t>"),
            ),
        }
    }

    fn fault(&self, name: &str, of: &str) -> (String, String) {
        let action = if self.is_11 { format!("{}/fault", self.rm) } else { format!("{WSA}/soap/fault") };
        let body = format!(
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>r:{name}</s:Value></s:Subcode></s:Code>\
             <s:Reason><s:Text xml:lang=\"en\">no</s:Text></s:Reason>\
             <s:Detail><r:Identifier>urn:{of}</r:Identifier></s:Detail></s:Fault>"
        );
        (action, body)
    }

    fn sent(&self, line: &str, is_response: bool, at: u64) -> Sent {
        let mut words = line.split_whitespace();
        let kind = words.next().unwrap();
        let words: BTreeMap<&str, &str> =
            words.map(|word| word.split_once('=').unwrap_or((word, ""))).collect();
        let delivery = if words.contains_key("lost") { Delivery::Lost } else { Delivery::Delivered };
        let status = |status| if is_response { StartLine::Status(status) } else { post() };
        if kind == "202" {
            let http = HttpMessage { start: status(202), fields: Vec::new(), body: Vec::new() };
            return Sent { at: Some(at), delivery, http };
        }
        let (action, body) = match kind.strip_prefix("fault:") {
            Some(name) => self.fault(name, words.get("of").copied().unwrap_or("s")),
            None => self.body(kind, &words),
        };
        let header = |name: &str, value: &str| format!("<a:{name}>{value}</a:{name}>");
        let id = words.get("id").map_or(String::new(), |id| header("MessageID", &format!("urn:{id}")));
        let re = words.get("re").map_or(String::new(), |re| header("RelatesTo", &format!("urn:{re}")));
        let to = if is_response { String::new() } else { header("To", "http://service/") };
        let envelope = format!(
            "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"{WSA}\" xmlns:r=\"{}\">\
             <s:Header>{}{}{id}{re}{to}</s:Header><s:Body>{body}</s:Body></s:Envelope>",
            self.rm,
            self.headers(&words),
            header("Action", &action),
        );
        let fields = vec![("Content-Type".to_owned(), "application/soap+xml; charset=utf-8".to_owned())];
        let start = status(if kind.starts_with("fault:") { 500 } else { 200 });
        Sent { at: Some(at), delivery, http: HttpMessage { start, fields, body: envelope.into_bytes() } }
    }
}

fn post() -> StartLine {
    StartLine::Request { method: "POST".to_owned(), target: "/".to_owned() }
}

/// Judges a script, and gives its findings that can fail a stack: requirement, message, and side at fault.
pub(crate) fn findings(rm: &str, script: &str) -> Vec<String> {
    let is_11 = rm == "1.1";
    let namespace = if is_11 {
        "http://docs.oasis-open.org/ws-rx/wsrm/200702"
    } else {
        "http://schemas.xmlsoap.org/ws/2005/02/rm"
    };
    let session = Session { rm: namespace, is_11 };
    let mut exchanges: Vec<Exchange> = Vec::new();
    for (at, line) in (0_u64..).zip(script.lines().map(str::trim).filter(|line| !line.is_empty())) {
        let (direction, rest) = line.split_once(' ').unwrap();
        match direction {
            ">" => exchanges.push(Exchange {
                name: format!("{:02}", exchanges.len() + 1),
                sender: Party::Initiator,
                request: session.sent(rest, false, at * 100),
                response: None,
                copies: Vec::new(),
            }),
            _ if rest == "-" => {}
            "<" => exchanges.last_mut().unwrap().response = Some(session.sent(rest, true, at * 100)),
            _ => {
                let number: usize = direction.trim_start_matches('<').parse().unwrap();
                exchanges[number - 1].response = Some(session.sent(rest, true, at * 100));
            }
        }
    }
    let catalogue = Catalogue::load().unwrap();
    let verdict = Judge::judge(&catalogue, Trace::from_exchanges(exchanges));
    let failing = verdict.findings().filter(|finding| finding.level.is_failing());
    failing
        .map(|finding| format!("{} {} {}", finding.requirement, finding.messages[0], finding.role()))
        .collect()
}
