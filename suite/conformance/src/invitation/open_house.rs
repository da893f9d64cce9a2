//! A service for each case, for clients that are started by hand.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wsrm_oracle::Catalogue;
use wsrm_oracle::message::{Content, LifecycleKind};
use wsrm_protocol::Pattern;
use wsrm_reference::RandomIdentifiers;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

use super::ScriptedService;
use super::live::{Answerer, Reception, Room};
use super::reply::empty;
use crate::case::{Application, Case, CaseReport, HttpRequest, HttpResponse, Target};
use crate::dialect::Dialect;
use crate::entry::{ClientEnd, Verdict};

/// A client that has been silent for so long has come to its end.
const SILENCE: Duration = Duration::from_secs(15);

/// What stands before the name of a case in its path.
const CASES: &str = "/case/";

type Choose = fn(&mut Dialect);

/// What a segment of a path chooses, instead of what `wsrm serve` was told.
const FORMS: [(&str, Choose); 8] = [
    ("rm-1.0", |dialect| dialect.profile.rm = RmVersion::February2005),
    ("rm-1.1", |dialect| dialect.profile.rm = RmVersion::V200702),
    ("soap-1.1", |dialect| dialect.profile.soap = SoapVersion::Soap11),
    ("soap-1.2", |dialect| dialect.profile.soap = SoapVersion::Soap12),
    ("wsa-2004", |dialect| dialect.profile.addressing = AddressingVersion::August2004),
    ("wsa-1.0", |dialect| dialect.profile.addressing = AddressingVersion::Addressing10),
    ("one-way", |dialect| dialect.pattern = Pattern::OneWay),
    ("request-reply", |dialect| dialect.pattern = Pattern::RequestReply),
];

/// A listening socket with one address for each case.
#[derive(Debug)]
pub struct OpenHouse {
    reception: Reception,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    cases: Vec<&'static Case>,
    target: Target,
    catalogue: Catalogue,
    /// The rooms that were entered, by the names of the cases and their forms.
    rooms: Mutex<Rooms>,
}

type Rooms = BTreeMap<(&'static str, String), Visited>;

#[derive(Debug, Clone)]
struct Visited {
    room: Arc<Room>,
    target: Target,
    is_told: bool,
}

impl OpenHouse {
    /// Opens an address for each case, for clients that speak as `target` says.
    ///
    /// # Errors
    /// If it cannot listen there.
    pub async fn open(
        listen: SocketAddr,
        cases: Vec<&'static Case>,
        target: Target,
        catalogue: Catalogue,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared { cases, target, catalogue, rooms: Mutex::default() });
        let of_router = Arc::clone(&shared);
        let router = move |request: &HttpRequest, path: &str, host: &str| of_router.find(request, path, host);
        let reception = Reception::open(listen, Arc::new(router)).await?;
        Ok(Self { reception, shared })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.reception.address()
    }

    /// The visits that have come to their end since this was last asked.
    pub fn ended(&self) -> Vec<CaseReport> {
        let mut ended = Vec::new();
        for ((name, _), visited) in self.shared.rooms().iter_mut() {
            let Some(case) = self.shared.cases.iter().find(|case| case.name == *name) else { continue };
            if !visited.is_told && visited.room.silence() >= SILENCE {
                visited.is_told = true;
                ended.push(self.shared.report(case, visited));
            }
        }
        ended
    }
}

impl Shared {
    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, case: &Case, visited: &Visited) -> CaseReport {
        visited.room.visit().report(case, &visited.target, ClientEnd::Unknown, &self.catalogue)
    }

    fn find(&self, request: &HttpRequest, path: &str, host: &str) -> Answerer {
        let missing = || Answerer::Page(empty(404));
        let (form, name) = match path.split_once(CASES) {
            Some((form, name)) => (form, Some(name)),
            None => (path, None),
        };
        let Some(target) = self.target_in(form) else { return missing() };
        let Some(name) = name else { return Answerer::Page(self.page(form, &target)) };
        let case = self.cases.iter().copied().find(|case| case.name == name);
        let Some(case) = case else { return missing() };
        let target = Target { address: format!("http://{host}{path}"), ..target };
        self.enter(case, target, request, path).map_or_else(Answerer::Page, Answerer::Room)
    }

    /// What is spoken behind a path that begins with these segments; `None` where one of them says nothing.
    fn target_in(&self, form: &str) -> Option<Target> {
        let mut dialect = self.target.dialect();
        for segment in form.split('/').filter(|segment| !segment.is_empty()) {
            let (_, choose) = FORMS.iter().find(|(name, _)| *name == segment)?;
            choose(&mut dialect);
        }
        let Dialect { profile, pattern } = dialect;
        let is_other = pattern != self.target.pattern;
        // Another pattern calls another operation, which only the contract of the recordings has.
        let application = if is_other && self.target.application.obedient {
            Application::recorded(pattern)
        } else if is_other {
            return None;
        } else {
            self.target.application.clone()
        };
        Some(Target { profile, pattern, application, address: String::new() })
    }

    /// The room of a case: a new one for who opens a session after the one before has come to its end.
    fn enter(
        &self,
        case: &'static Case,
        target: Target,
        request: &HttpRequest,
        path: &str,
    ) -> Result<Arc<Room>, HttpResponse> {
        let mut rooms = self.rooms();
        let key = (case.name, target.dialect().to_string());
        if let Some(visited) = rooms.get(&key)
            && !(is_creation(request) && visited.room.silence() >= SILENCE)
        {
            return Ok(Arc::clone(&visited.room));
        }
        let invitation = case.answers().ok_or_else(|| empty(404))?;
        let identifiers = Box::new(RandomIdentifiers::new());
        let service =
            ScriptedService::new(&invitation, &target, path, identifiers).map_err(|_| empty(500))?;
        let room = Room::new(service);
        rooms.insert(key, Visited { room: Arc::clone(&room), target, is_told: false });
        Ok(room)
    }

    /// The list of the cases in a form with their state, and the segments that choose others.
    fn page(&self, form: &str, target: &Target) -> HttpResponse {
        let form = form.trim_matches('/');
        let before = if form.is_empty() { String::new() } else { format!("/{form}") };
        let spoken = target.dialect().to_string();
        let rooms = self.rooms().clone();
        let mut rows = String::new();
        for case in &self.cases {
            let (class, state) = match rooms.get(&(case.name, spoken.clone())) {
                _ if case.inapplicable(target).is_some() => ("no", "not applicable".to_owned()),
                None => ("no", "not visited".to_owned()),
                Some(visited) if visited.room.silence() < SILENCE => ("run", "running".to_owned()),
                Some(visited) => state(&self.report(case, visited)),
            };
            let messages = case.answers().map_or(0, |invitation| invitation.messages);
            rows.push_str(&format!(
                "<tr><td><a href=\"{before}{CASES}{name}\">{before}{CASES}{name}</a><p>{about} Messages: {messages}.</p></td>\
                 <td class={class}>{state}</td></tr>",
                name = case.name,
                about = escaped(case.about),
            ));
        }
        let others = FORMS.iter().filter(|(name, _)| {
            let other = self.target_in(&format!("{form}/{name}"));
            other.is_some_and(|other| other.dialect() != target.dialect())
        });
        let links: String =
            others.map(|(name, _)| format!(" <a href=\"{before}/{name}/\">{name}</a>")).collect();
        let body = format!(
            "{HEAD}<h1>Cases for a source</h1><p>{spoken}. Reload for the present state. Other forms, by segments of \
             the path:{links}</p><table>{rows}</table>"
        );
        let fields = vec![("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())];
        HttpResponse { status: 200, fields, body: body.into_bytes() }
    }
}

const HEAD: &str = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport \
    content=\"width=device-width\"><title>Cases for a source</title><style>:root{color-scheme:light dark}\
    body{font:16px/1.4 system-ui;max-width:60rem;margin:1rem auto;padding:0 1rem}td{vertical-align:top;\
    padding:.3rem .6rem;border-top:1px solid #8884}p{margin:0}.bad{color:#d33}.good{color:#2a2}.run{color:#c80}\
    .no{opacity:.6}</style>";

/// What is said of a visit that is over.
fn state(report: &CaseReport) -> (&'static str, String) {
    let class = match &report.verdict {
        Verdict::Pass => "good",
        Verdict::Fail => "bad",
        _ => "run",
    };
    let mut text = report.verdict.word().to_owned();
    if let Some(reason) = report.verdict.reason() {
        text.push_str(&format!(": {}", escaped(reason)));
    }
    for finding in report.findings() {
        let (level, id) = (finding.level, escaped(&finding.requirement));
        let (expected, seen) = (escaped(&finding.expected), escaped(&finding.seen));
        text.push_str(&format!("<p>{level} {id}: expected {expected}; seen {seen}</p>"));
    }
    (class, text)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn is_creation(request: &HttpRequest) -> bool {
    let content = Content::read(&request.body, Some("application/soap+xml"));
    let lifecycle = content.soap().and_then(|message| message.lifecycle.as_ref());
    lifecycle.is_some_and(|lifecycle| lifecycle.kind == LifecycleKind::Create)
}
