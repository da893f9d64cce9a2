//! Cases against the reference implementation, in virtual time: no socket, no clock, every run the same run.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use wsrm_oracle::Catalogue;
use wsrm_protocol::{
    ExchangeId, ListenerConfig, Pattern, ReliableSessionSettings, SequentialIdentifiers, Timeouts, Timestamp,
};
use wsrm_reference::{Contract, Host, HostConfig, HttpAnswer, Request};

use super::{
    Application, Broken, Case, CaseReport, HttpRequest, HttpResponse, Limits, Pending, Target, Wire, run,
};

/// How long a message is on its way.
const LATENCY: Duration = Duration::from_millis(1);
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where the endpoint is.
const ADDRESS: &str = "http://reference.invalid/service";
const PATH: &str = "/service";

/// A wire to a host in the same thread.
#[derive(Clone)]
pub struct VirtualWire {
    world: Rc<RefCell<World>>,
}

struct World {
    host: Host,
    now: Duration,
    exchanges: u64,
    answers: HashMap<ExchangeId, HttpAnswer>,
    timers: BTreeSet<Duration>,
}

/// The reference endpoint for a profile and a pattern, with WCF's default settings.
pub fn reference_target(profile: wsrm_wire::WireProfile, pattern: Pattern) -> Target {
    Target { address: ADDRESS.to_owned(), profile, pattern, application: Application::recorded(pattern) }
}

/// A host with the endpoint that `target` speaks of.
pub fn reference_host(target: &Target, settings: ReliableSessionSettings) -> Option<Host> {
    configured_host(target, settings, HostConfig::default())
}

/// A host made from this, with the endpoint that `target` speaks of.
pub fn configured_host(
    target: &Target,
    settings: ReliableSessionSettings,
    config: HostConfig,
) -> Option<Host> {
    let mut host = Host::new(config);
    let listener = ListenerConfig {
        address: target.address.clone(),
        profile: target.profile,
        pattern: target.pattern,
        settings,
        timeouts: Timeouts::default(),
        language: "en-US".to_owned(),
        max_concurrent_calls: 16,
        enforce_max_pending_channels: true,
    };
    let contract = match target.pattern {
        Pattern::OneWay => Contract::one_way(),
        Pattern::RequestReply => Contract::echo(),
    };
    let identifiers = Box::new(SequentialIdentifiers::default());
    host.add_endpoint(PATH, listener, contract, identifiers).ok()?;
    Some(host)
}

/// Runs a case against the reference implementation; `None` where the host cannot be made.
pub fn run_reference(case: &Case, target: &Target, catalogue: &Catalogue) -> Option<CaseReport> {
    let settings = ReliableSessionSettings::new(target.profile.rm);
    Some(run_against(reference_host(target, settings)?, case, target, catalogue))
}

/// Runs a case against a host whose endpoint is at the path of `target`.
pub fn run_against(host: Host, case: &Case, target: &Target, catalogue: &Catalogue) -> CaseReport {
    let wire = VirtualWire::new(host);
    let identifiers = Box::new(SequentialIdentifiers::starting_after(1 << 64));
    let limits = Limits::default();
    let work = run(case, target, Rc::new(wire.clone()), identifiers, catalogue, &limits);
    wire.drive(work)
}

impl VirtualWire {
    /// A wire to this host.
    pub fn new(host: Host) -> Self {
        let world = World {
            host,
            now: Duration::ZERO,
            exchanges: 0,
            answers: HashMap::new(),
            timers: BTreeSet::new(),
        };
        Self { world: Rc::new(RefCell::new(world)) }
    }

    /// Does the work to its end, moving time on whenever nothing else can happen.
    ///
    /// Work always waits for a moment in time at last, since every exchange and every case has its limit.
    pub fn drive<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(result) = work.as_mut().poll(&mut context) {
                return result;
            }
            self.world.borrow_mut().advance();
        }
    }
}

impl World {
    /// Moves time on to the next moment at which something can happen.
    fn advance(&mut self) {
        while self.timers.first().is_some_and(|timer| *timer <= self.now) {
            self.timers.pop_first();
        }
        let host = self.host.poll_timeout().map(Timestamp::since_origin).filter(|due| *due > self.now);
        let next = self.timers.first().copied().into_iter().chain(host).min();
        self.now = next.unwrap_or(self.now + LATENCY);
        self.host.handle_timeout(Timestamp::from_origin(self.now));
        self.collect();
    }

    fn collect(&mut self) {
        while let Some((exchange, answer)) = self.host.poll_answer() {
            self.answers.insert(exchange, answer);
        }
        while self.host.poll_event().is_some() {}
    }
}

impl World {
    fn deliver(&mut self, exchange: ExchangeId, request: &HttpRequest) -> Result<(), Broken> {
        let fields = request.fields.iter().map(|(name, value)| (name, value));
        let body = Bytes::copy_from_slice(&request.body);
        let request = Request::new(&request.method, &request.target(PATH), fields, body)
            .map_err(|error| Broken::Unreachable(error.to_string()))?;
        self.host.handle_request(Timestamp::from_origin(self.now), exchange, &request);
        self.collect();
        Ok(())
    }

    fn begin(&mut self) -> ExchangeId {
        self.exchanges += 1;
        ExchangeId(self.exchanges)
    }
}

impl Wire for VirtualWire {
    fn path(&self) -> &str {
        PATH
    }

    fn exchange(&self, request: HttpRequest) -> Pending<'_, Result<HttpResponse, Broken>> {
        Box::pin(async move {
            let exchange = self.world.borrow_mut().begin();
            self.pause(LATENCY).await;
            self.world.borrow_mut().deliver(exchange, &request)?;
            let end = self.elapsed() + PATIENCE;
            let answer = poll_fn(|_| {
                let mut world = self.world.borrow_mut();
                if let Some(answer) = world.answers.remove(&exchange) {
                    return Poll::Ready(Some(answer));
                }
                if world.now >= end {
                    world.host.handle_disconnect(exchange);
                    return Poll::Ready(None);
                }
                world.timers.insert(end);
                Poll::Pending
            })
            .await;
            self.pause(LATENCY).await;
            match answer {
                Some(HttpAnswer::Response(response)) => Ok(HttpResponse {
                    status: response.status,
                    fields: response
                        .headers
                        .iter()
                        .map(|(name, value)| (name.to_string(), value.to_string()))
                        .collect(),
                    body: response.body.to_vec(),
                }),
                Some(HttpAnswer::Abort) => {
                    Err(Broken::Closed("the connection was closed without a response".to_owned()))
                }
                None => Err(Broken::Silent(PATIENCE)),
            }
        })
    }

    fn send_and_hang_up(&self, request: HttpRequest) -> Pending<'_, Result<(), Broken>> {
        Box::pin(async move {
            let exchange = self.world.borrow_mut().begin();
            self.pause(LATENCY).await;
            self.world.borrow_mut().deliver(exchange, &request)?;
            // The answer is on its way by now.
            self.pause(LATENCY / 2).await;
            let mut world = self.world.borrow_mut();
            if world.answers.remove(&exchange).is_none() {
                world.host.handle_disconnect(exchange);
            }
            Ok(())
        })
    }

    fn pause(&self, time: Duration) -> Pending<'_, ()> {
        let end = self.elapsed() + time;
        Box::pin(poll_fn(move |_| {
            let mut world = self.world.borrow_mut();
            if world.now >= end {
                return Poll::Ready(());
            }
            world.timers.insert(end);
            Poll::Pending
        }))
    }

    fn elapsed(&self) -> Duration {
        self.world.borrow().now
    }
}

impl fmt::Debug for VirtualWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualWire").finish_non_exhaustive()
    }
}
