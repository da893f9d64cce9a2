//! The service that an invited client speaks to: the reference implementation, and what a case does to its answers.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use wsrm_oracle::NumberSet;
use wsrm_oracle::message::{Content, LifecycleKind, Message};
use wsrm_protocol::{ExchangeId, Identifiers, ListenerConfig, ReliableSessionSettings, Timeouts, Timestamp};
use wsrm_reference::{Host, HostConfig, HttpAnswer, Request};

use super::reply::{Reply, Scene};
use super::rule::{Deed, Rule};
use super::{Invitation, Visit};
use crate::case::{HttpRequest, HttpResponse, Logged, Stop, Target};

/// A service that answers rightly, but for what its rules say.
///
/// Driven as a [`Host`] is: one call that changes something, then drain [`ScriptedService::poll_reply`]. Each exchange is
/// answered once, at once or later.
#[derive(Debug)]
pub struct ScriptedService {
    target: Target,
    path: String,
    host: Host,
    rules: Vec<(Rule, u64)>,
    session: SessionFacts,
    log: Vec<Logged>,
    running: HashMap<ExchangeId, Running>,
    due: BTreeMap<(Duration, ExchangeId), Reply>,
    replies: VecDeque<(ExchangeId, Reply)>,
    struck: bool,
    stop: Option<Stop>,
}

/// What is known of the session that was granted last.
#[derive(Debug, Default)]
struct SessionFacts {
    identifier: Option<String>,
    offer: Option<String>,
    arrived: NumberSet,
}

/// An exchange that is not over.
#[derive(Debug)]
struct Running {
    place: usize,
    deed: Option<Deed>,
    request: Option<Message>,
}

impl ScriptedService {
    /// A service at the address of `target`, which has this path.
    ///
    /// # Errors
    /// [`Stop::Harness`], if the path is none.
    pub fn new(
        invitation: &Invitation,
        target: &Target,
        path: &str,
        identifiers: Box<dyn Identifiers>,
    ) -> Result<Self, Stop> {
        Ok(Self {
            target: target.clone(),
            path: path.to_owned(),
            host: host(target, path, identifiers)?,
            rules: invitation.rules.iter().map(|rule| (*rule, 0)).collect(),
            session: SessionFacts::default(),
            log: Vec::new(),
            running: HashMap::new(),
            due: BTreeMap::new(),
            replies: VecDeque::new(),
            struck: invitation.rules.is_empty(),
            stop: None,
        })
    }

    /// Takes a request.
    pub fn handle_request(&mut self, now: Timestamp, exchange: ExchangeId, request: HttpRequest) {
        let content = Content::read(&request.body, media_type(&request.fields).as_deref());
        let message = match content {
            Content::Soap(message) => Some(*message),
            _ => None,
        };
        let deed = self.deed(message.as_ref());
        let sent = now.since_origin();
        self.log.push(Logged::new(sent, request.clone(), deed.map(Deed::words)));
        let place = self.log.len() - 1;
        self.running.insert(exchange, Running { place, deed, request: message });
        match deed {
            Some(Deed::LoseRequest(hang)) => {
                if let Some(logged) = self.log.get_mut(place) {
                    logged.request_lost = true;
                }
                self.struck = true;
                self.reply_at(now, sent + hang, exchange, Reply::Closed);
            }
            Some(Deed::Answer(answer, late)) => {
                self.note_arrival(exchange);
                let made = self.scene(exchange).and_then(|scene| answer(&scene));
                let response = self.made(made);
                self.reply_at(now, sent + late, exchange, Reply::Response(response));
            }
            _ => {
                self.note_arrival(exchange);
                self.pass_on(now, exchange, &request);
            }
        }
        self.collect(now);
    }

    /// The client of the exchange is gone: nobody hears its answer.
    pub fn handle_disconnect(&mut self, now: Timestamp, exchange: ExchangeId) {
        self.host.handle_disconnect(exchange);
        self.due.retain(|(_, waiting), _| *waiting != exchange);
        if let Some(running) = self.running.remove(&exchange)
            && let Some(logged) = self.log.get_mut(running.place)
        {
            logged.answered = Some(now.since_origin());
            logged.label = Some("nobody waits for the answer");
        }
    }

    /// Does what has become due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let time = now.since_origin();
        while let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 <= time) {
            let (_, exchange) = *entry.key();
            let reply = entry.remove();
            self.reply(now, exchange, reply);
        }
        self.host.handle_timeout(now);
        self.collect(now);
    }

    /// When [`ScriptedService::handle_timeout`] is next wanted.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let due = self.due.first_key_value().map(|((at, _), _)| Timestamp::from_origin(*at));
        due.into_iter().chain(self.host.poll_timeout()).min()
    }

    /// The next answer.
    pub fn poll_reply(&mut self) -> Option<(ExchangeId, Reply)> {
        self.replies.pop_front()
    }

    /// How many requests there were.
    pub fn requests(&self) -> usize {
        self.log.len()
    }

    /// Whether an exchange waits for its answer.
    pub fn is_busy(&self) -> bool {
        !self.running.is_empty()
    }

    /// What has come of it up to now.
    pub fn visit(&self) -> Visit {
        Visit { log: self.log.clone(), path: self.path.clone(), struck: self.struck, stop: self.stop.clone() }
    }

    /// What is done to an exchange with this request.
    fn deed(&mut self, request: Option<&Message>) -> Option<Deed> {
        let mut chosen = None;
        for (rule, seen) in &mut self.rules {
            // Every rule counts what it is about, whichever is obeyed.
            if rule.when.fits(request, seen) && chosen.is_none() {
                chosen = Some(rule.deed);
            }
        }
        chosen
    }

    fn scene(&self, exchange: ExchangeId) -> Result<Scene<'_>, Stop> {
        let running = self.running.get(&exchange);
        let running = running.ok_or_else(|| Stop::Harness("an exchange was lost from the log".to_owned()))?;
        Ok(Scene {
            profile: self.target.profile,
            address: &self.target.address,
            reply: self.target.application.operation(self.target.pattern).and_then(|own| own.reply.as_ref()),
            request: running.request.as_ref(),
            identifier: self.session.identifier.as_deref(),
            offer: self.session.offer.as_deref(),
            arrived: &self.session.arrived,
        })
    }

    /// What a rule made, or what has to stand for it.
    fn made(&mut self, made: Result<HttpResponse, Stop>) -> HttpResponse {
        match made {
            Ok(response) => {
                self.struck = true;
                response
            }
            Err(stop) => {
                self.stop.get_or_insert(stop);
                super::reply::empty(503)
            }
        }
    }

    fn note_arrival(&mut self, exchange: ExchangeId) {
        let request = self.running.get(&exchange).and_then(|running| running.request.as_ref());
        let headers = request.map_or(&[][..], |request| &request.sequences);
        for header in headers {
            if let Some(number) = header.number.filter(|_| header.identifier == self.session.identifier) {
                self.session.arrived.add(number, number);
            }
        }
    }

    fn pass_on(&mut self, now: Timestamp, exchange: ExchangeId, request: &HttpRequest) {
        let fields = request.fields.iter().map(|(name, value)| (name, value));
        let body = Bytes::copy_from_slice(&request.body);
        match Request::new(&request.method, &request.target(&self.path), fields, body) {
            Ok(request) => self.host.handle_request(now, exchange, &request),
            // What is no HTTP cannot come here by HTTP.
            Err(_) => self.respond(now, exchange, super::reply::empty(400)),
        }
    }

    fn collect(&mut self, now: Timestamp) {
        while let Some((exchange, answer)) = self.host.poll_answer() {
            match answer {
                HttpAnswer::Response(response) => {
                    let fields = response.headers.iter();
                    let fields = fields.map(|(name, value)| (name.to_string(), value.to_string()));
                    let (status, body) = (response.status, response.body.to_vec());
                    let made = HttpResponse { status, fields: fields.collect(), body };
                    self.learn(exchange, &made);
                    self.spoil(now, exchange, made);
                }
                HttpAnswer::Abort => self.reply(now, exchange, Reply::Closed),
            }
        }
        while self.host.poll_event().is_some() {}
    }

    /// Takes note of a sequence that is granted.
    fn learn(&mut self, exchange: ExchangeId, response: &HttpResponse) {
        let content = Content::read(&response.body, media_type(&response.fields).as_deref());
        let lifecycle = content.soap().and_then(|message| message.lifecycle.as_ref());
        let Some(granted) = lifecycle.filter(|it| it.kind == LifecycleKind::CreateResponse) else { return };
        let request = self.running.get(&exchange).and_then(|running| running.request.as_ref());
        let offer = request
            .and_then(|request| request.lifecycle.as_ref()?.offer.as_ref()?.identifier.clone())
            .filter(|_| granted.accept.is_some());
        if self.session.identifier != granted.identifier {
            self.session.arrived = NumberSet::default();
        }
        self.session.identifier.clone_from(&granted.identifier);
        self.session.offer = offer;
    }

    /// Does to a right answer what the rule says.
    fn spoil(&mut self, now: Timestamp, exchange: ExchangeId, response: HttpResponse) {
        let Some(running) = self.running.get(&exchange) else { return };
        let place = running.place;
        match running.deed {
            Some(Deed::LoseResponse) => {
                self.struck = true;
                self.log_response(now, place, &response, true);
                self.reply(now, exchange, Reply::Closed);
            }
            Some(Deed::Cut) => {
                self.struck = true;
                self.log_response(now, place, &response, true);
                let half = response.body.len() / 2;
                self.reply(now, exchange, Reply::Cut(response, half));
            }
            Some(Deed::Delay(time)) => {
                self.struck = true;
                self.reply_at(now, now.since_origin() + time, exchange, Reply::Response(response));
            }
            Some(Deed::Change(change)) => {
                let changed = self.scene(exchange).and_then(|scene| changed(&scene, change, &response));
                self.respond_unless(now, exchange, changed, response);
            }
            Some(Deed::Remake(remake)) => {
                let made = self.scene(exchange).and_then(|scene| remake(&scene, response.clone()));
                self.respond_unless(now, exchange, made, response);
            }
            Some(Deed::LoseRequest(_) | Deed::Answer(..)) | None => self.respond(now, exchange, response),
        }
    }

    /// Answers by what a rule made of an answer, or by the answer itself where the client made the service say something
    /// else than the rule is about.
    fn respond_unless(
        &mut self,
        now: Timestamp,
        exchange: ExchangeId,
        made: Result<HttpResponse, Stop>,
        answer: HttpResponse,
    ) {
        self.struck |= made.is_ok();
        self.respond(now, exchange, made.unwrap_or(answer));
    }

    fn respond(&mut self, now: Timestamp, exchange: ExchangeId, response: HttpResponse) {
        self.reply(now, exchange, Reply::Response(response));
    }

    fn reply_at(&mut self, now: Timestamp, at: Duration, exchange: ExchangeId, reply: Reply) {
        if at <= now.since_origin() {
            self.reply(now, exchange, reply);
        } else {
            self.due.insert((at, exchange), reply);
        }
    }

    fn reply(&mut self, now: Timestamp, exchange: ExchangeId, reply: Reply) {
        let Some(running) = self.running.remove(&exchange) else { return };
        match &reply {
            Reply::Response(response) => self.log_response(now, running.place, response, false),
            Reply::Cut(..) | Reply::Closed => {
                if let Some(logged) = self.log.get_mut(running.place) {
                    logged.answered = Some(now.since_origin());
                }
            }
        }
        self.replies.push_back((exchange, reply));
    }

    fn log_response(&mut self, now: Timestamp, place: usize, response: &HttpResponse, is_lost: bool) {
        if let Some(logged) = self.log.get_mut(place) {
            logged.answered = Some(now.since_origin());
            logged.response = Some(response.clone());
            logged.response_lost = is_lost;
        }
    }
}

/// The answer with its message changed.
fn changed(
    scene: &Scene<'_>,
    change: super::rule::Changing,
    response: &HttpResponse,
) -> Result<HttpResponse, Stop> {
    let post = scene.post(response);
    let body = change(scene, post)?.body;
    Ok(HttpResponse { body, ..response.clone() })
}

fn host(target: &Target, path: &str, identifiers: Box<dyn Identifiers>) -> Result<Host, Stop> {
    let mut host = Host::new(HostConfig::default());
    let listener = ListenerConfig {
        address: target.address.clone(),
        profile: target.profile,
        pattern: target.pattern,
        settings: ReliableSessionSettings::new(target.profile.rm),
        timeouts: Timeouts::default(),
        language: "en-US".to_owned(),
        max_concurrent_calls: 16,
        enforce_max_pending_channels: true,
    };
    let contract = target.application.contract(target.pattern);
    host.add_endpoint(path, listener, contract, identifiers)
        .map_err(|error| Stop::Harness(error.to_string()))?;
    Ok(host)
}

fn media_type(fields: &[(String, String)]) -> Option<String> {
    let (_, value) = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"))?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}
