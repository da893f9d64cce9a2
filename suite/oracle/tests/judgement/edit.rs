//! Edits of one message, and what the verdict makes of them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use wsrm_oracle::{
    Catalogue, Exchange, Finding, HttpMessage, Judge, Level, Observation, Party, Sent, Trace, Verdict,
};

use crate::recording::Recording;

/// What a message is, for those who look for one to edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Create,
    CreateResponse,
    /// A request of the application in a sequence.
    Application,
    /// A reply of the application in a sequence.
    Reply,
    /// An acknowledgement alone.
    Acknowledgement,
    Last,
    LastResponse,
    Close,
    CloseResponse,
    Terminate,
    TerminateResponse,
    /// A fault of reliable messaging on a response.
    Fault,
    Other,
}

/// A message that can be edited: its header fields and its body.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) http: HttpMessage,
    pub(crate) body: String,
}

/// A recording with what is judged of it as it is.
pub(crate) struct Subject {
    pub(crate) recording: Recording,
    observations: Vec<Arc<Observation>>,
    base: BTreeSet<Claim>,
    /// The messages by sides that are WCF, in order.
    places: Vec<(Kind, Place)>,
}

/// Who is blamed, for what, at which message.
pub(crate) type Claim = (String, String, Party);

/// Where a message stands: which exchange, and whether it is the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) exchange: usize,
    pub(crate) is_response: bool,
}

pub(crate) fn claim(finding: &Finding) -> Claim {
    (finding.requirement.clone(), finding.messages[0].as_str().to_owned(), finding.party)
}

fn sent(exchange: &Exchange, is_response: bool) -> Option<&Sent> {
    if is_response { exchange.response.as_ref() } else { Some(&exchange.request) }
}

/// The kind of a message, by its action as WCF writes it.
pub(crate) fn kind(body: &str, is_response: bool) -> Kind {
    let action = element(body, "Action", 0).map(|span| &body[span]).unwrap_or_default();
    let is_rm = action.contains("/200702/") || action.contains("/2005/02/rm/");
    let name = action.split("</").next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let has_sequence = element(body, "Sequence", 0).is_some();
    match name {
        "CreateSequence" if is_rm => Kind::Create,
        "CreateSequenceResponse" if is_rm => Kind::CreateResponse,
        "CloseSequence" if is_rm => Kind::Close,
        "CloseSequenceResponse" if is_rm => Kind::CloseResponse,
        "TerminateSequence" if is_rm && !is_response => Kind::Terminate,
        "TerminateSequenceResponse" if is_rm => Kind::TerminateResponse,
        "LastMessage" if is_rm && is_response => Kind::LastResponse,
        "LastMessage" if is_rm => Kind::Last,
        "SequenceAcknowledgement" if is_response => Kind::Acknowledgement,
        "fault" if is_response && (is_rm || body.contains("2005/02/rm")) && !has_sequence => Kind::Fault,
        _ if has_sequence && !is_rm && is_response => Kind::Reply,
        _ if has_sequence && !is_rm => Kind::Application,
        _ => Kind::Other,
    }
}

impl Subject {
    /// The recordings in which a side is WCF.
    pub(crate) fn all() -> &'static [Self] {
        static ALL: OnceLock<Vec<Subject>> = OnceLock::new();
        ALL.get_or_init(|| {
            let catalogue = Catalogue::load().unwrap();
            let recordings = Recording::all().iter().filter(|recording| !recording.wcf.is_empty());
            recordings.map(|recording| Self::new(&catalogue, recording.clone())).collect()
        })
    }

    fn new(catalogue: &Catalogue, recording: Recording) -> Self {
        let trace = Trace::from_exchanges(recording.exchanges.iter().cloned());
        let observations: Vec<_> = trace.into_observations().into_iter().map(Arc::new).collect();
        let base = judge(catalogue, observations.iter().cloned());
        let base = base.findings().map(claim).collect();
        let mut subject = Self { recording, observations, base, places: Vec::new() };
        subject.find_places();
        subject
    }

    pub(crate) fn draft(&self, place: Place) -> Option<Draft> {
        let sent = sent(&self.recording.exchanges[place.exchange], place.is_response)?;
        let body = String::from_utf8(sent.http.body.clone()).ok()?;
        Some(Draft { http: sent.http.clone(), body })
    }

    /// The messages of a kind by a side that is WCF, in order.
    pub(crate) fn places(&self, wanted: Kind) -> Vec<Place> {
        self.places.iter().filter(|(kind, _)| *kind == wanted).map(|(_, place)| *place).collect()
    }

    /// All messages by sides that are WCF, in order.
    pub(crate) fn all_places(&self) -> Vec<Place> {
        self.places.iter().map(|(_, place)| *place).collect()
    }

    fn find_places(&mut self) {
        for (exchange, found) in self.recording.exchanges.iter().enumerate() {
            for is_response in [false, true] {
                let sender = if is_response { found.sender.other() } else { found.sender };
                let place = Place { exchange, is_response };
                let draft = self.draft(place).filter(|_| self.recording.wcf.contains(&sender));
                self.places.extend(draft.map(|draft| (kind(&draft.body, is_response), place)));
            }
        }
    }

    pub(crate) fn name(&self, place: Place) -> (String, Party) {
        let observation = &self.observations[self.observation(place)];
        (observation.name.as_str().to_owned(), observation.sender)
    }

    fn observation(&self, place: Place) -> usize {
        let exchange = &self.recording.exchanges[place.exchange];
        let half = if place.is_response { "-response" } else { "-request" };
        let name = format!("{}{half}", exchange.name);
        let is_it =
            |o: &Arc<Observation>| o.name.as_str() == name || o.name.as_str() == format!("{name}.dropped");
        self.observations.iter().position(is_it).unwrap()
    }

    /// The findings that the edited message brings, beyond those of the recording as it is; and those that it takes.
    pub(crate) fn judge_edited(
        &self,
        catalogue: &Catalogue,
        place: Place,
        draft: Draft,
    ) -> (Vec<Finding>, Vec<Claim>) {
        let exchange = &self.recording.exchanges[place.exchange];
        let mut http = draft.http;
        http.body = draft.body.into_bytes();
        let old = sent(exchange, place.is_response).unwrap();
        let new = Sent { http, ..old.clone() };
        let edited = if place.is_response {
            Observation::response(&exchange.name, exchange.sender, new)
        } else {
            Observation::request(&exchange.name, exchange.sender, new)
        };
        let at = self.observation(place);
        let mut observations = self.observations.clone();
        observations[at] = Arc::new(edited);
        let verdict = judge(catalogue, observations.into_iter());
        let new: Vec<Finding> =
            verdict.findings().filter(|finding| !self.base.contains(&claim(finding))).cloned().collect();
        let now: BTreeSet<Claim> = verdict.findings().map(claim).collect();
        (new, self.base.difference(&now).cloned().collect())
    }
}

/// Whether a finding can fail a stack.
pub(crate) fn is_failing(finding: &Finding) -> bool {
    matches!(finding.level, Level::Must | Level::Should | Level::Wcf)
}

fn judge(catalogue: &Catalogue, observations: impl Iterator<Item = Arc<Observation>>) -> Verdict {
    let mut judge = Judge::new(catalogue);
    observations.for_each(|observation| judge.observe(observation));
    judge.finish()
}

/// The bytes of the element with this local name that begins after `from`, whatever its prefix.
pub(crate) fn element(text: &str, local: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let start = at + text.get(at..)?.find('<')?;
        let rest = &text[start + 1..];
        let end = rest.find(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/')?;
        let name = &rest[..end];
        if name.rsplit(':').next() == Some(local) && !name.is_empty() {
            let tag_end = start + text[start..].find('>')? + 1;
            if text[..tag_end].ends_with("/>") {
                return Some(start..tag_end);
            }
            let close = format!("</{name}>");
            return Some(start..tag_end + text[tag_end..].find(&close)? + close.len());
        }
        at = start + 1;
    }
}

impl Draft {
    fn span(&self, path: &[&str]) -> Option<Range<usize>> {
        let mut found = 0..self.body.len();
        for (depth, local) in path.iter().enumerate() {
            let from = if depth == 0 { 0 } else { found.start + 1 };
            let next = element(&self.body, local, from)?;
            if next.end > found.end {
                return None;
            }
            found = next;
        }
        Some(found)
    }

    /// The text inside the element at a path of local names.
    pub(crate) fn text(&self, path: &[&str]) -> Option<String> {
        let span = self.span(path)?;
        let whole = &self.body[span];
        let start = whole.find('>')? + 1;
        Some(whole.get(start..whole.rfind("</")?)?.to_owned())
    }

    pub(crate) fn source(&self, path: &[&str]) -> Option<String> {
        self.span(path).map(|span| self.body[span].to_owned())
    }

    /// Replaces the whole element.
    pub(crate) fn put(&mut self, path: &[&str], by: &str) -> Option<()> {
        let span = self.span(path)?;
        self.body.replace_range(span, by);
        Some(())
    }

    pub(crate) fn cut(&mut self, path: &[&str]) -> Option<()> {
        self.put(path, "")
    }

    /// Replaces the text inside the element.
    pub(crate) fn set(&mut self, path: &[&str], text: &str) -> Option<()> {
        let span = self.span(path)?;
        let whole = &self.body[span.clone()];
        let start = span.start + whole.find('>')? + 1;
        let end = span.start + whole.rfind("</")?;
        self.body.replace_range(start..end, text);
        Some(())
    }

    /// Puts something behind the element.
    pub(crate) fn after(&mut self, path: &[&str], more: &str) -> Option<()> {
        let span = self.span(path)?;
        self.body.insert_str(span.end, more);
        Some(())
    }

    /// Puts something before the element.
    pub(crate) fn before(&mut self, path: &[&str], more: &str) -> Option<()> {
        let span = self.span(path)?;
        self.body.insert_str(span.start, more);
        Some(())
    }

    /// Puts something at the end of the content of the element.
    pub(crate) fn append(&mut self, path: &[&str], more: &str) -> Option<()> {
        let span = self.span(path)?;
        let at = span.start + self.body[span].rfind("</")?;
        self.body.insert_str(at, more);
        Some(())
    }

    pub(crate) fn twice(&mut self, path: &[&str]) -> Option<()> {
        let source = self.source(path)?;
        self.after(path, &source)
    }

    /// Replaces the first place where a text stands.
    pub(crate) fn swap(&mut self, from: &str, to: &str) -> Option<()> {
        let at = self.body.find(from)?;
        self.body.replace_range(at..at + from.len(), to);
        Some(())
    }

    /// The prefix of reliable messaging, with its colon; empty where it is the default.
    pub(crate) fn r(&self) -> &'static str {
        if self.body.contains("xmlns:r=") { "r:" } else { "" }
    }

    pub(crate) fn is_11(&self) -> bool {
        self.body.contains("/200702")
    }

    pub(crate) fn field(&mut self, name: &str, value: Option<&str>) -> Option<()> {
        let at = self.http.fields.iter().position(|(field, _)| field.eq_ignore_ascii_case(name))?;
        match value {
            Some(value) => value.clone_into(&mut self.http.fields[at].1),
            None => {
                self.http.fields.remove(at);
            }
        }
        Some(())
    }
}
