//! A server on a free port, and the messages of a client that is not ours.

use std::sync::mpsc;
use std::time::Duration;

use tokio::net::TcpListener;
use wsrm_protocol::{InitiatorConfig, ListenerConfig, Pattern, ReliableSessionSettings, Timeouts};
use wsrm_reference::{
    ClientConfig, ClientLimits, Contract, Edition, Host, HostConfig, HostEvent, RandomIdentifiers, Server,
    ServerLimits, contract,
};
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

/// No test waits longer than this for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
pub(crate) struct Service {
    pub(crate) server: Server,
    pub(crate) url: String,
    pub(crate) events: mpsc::Receiver<HostEvent>,
    pub(crate) profile: WireProfile,
    pub(crate) settings: ReliableSessionSettings,
}

/// What a server is to be.
pub(crate) struct Recipe {
    pub(crate) profile: WireProfile,
    pub(crate) contract: Contract,
    pub(crate) settings: ReliableSessionSettings,
    pub(crate) limits: ServerLimits,
    pub(crate) edition: Edition,
}

impl Recipe {
    pub(crate) fn new(contract: Contract) -> Self {
        Self {
            profile: WireProfile::default(),
            contract,
            settings: ReliableSessionSettings::default(),
            limits: ServerLimits::default(),
            edition: Edition::NetFramework,
        }
    }

    /// Starts it at `/service` on a free port.
    pub(crate) async fn start(self) -> Service {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/service", socket.local_addr().unwrap());
        let mut host = Host::new(HostConfig { edition: self.edition, ..HostConfig::default() });
        let listener = ListenerConfig {
            address: url.clone(),
            profile: self.profile,
            pattern: self.contract.pattern(),
            settings: self.settings.clone(),
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
            max_concurrent_calls: 16,
            enforce_max_pending_channels: true,
        };
        host.add_endpoint("/service", listener, self.contract, Box::new(RandomIdentifiers::new())).unwrap();
        let (sender, events) = mpsc::channel();
        let observer = Box::new(move |_, event| {
            // A test that does not look has dropped its end.
            let _ = sender.send(event);
        });
        let server = Server::start(socket, host, self.limits, Some(observer)).unwrap();
        Service { server, url, events, profile: self.profile, settings: self.settings }
    }
}

/// A client's side of a session.
pub(crate) fn configuration(
    url: &str,
    profile: WireProfile,
    settings: ReliableSessionSettings,
    pattern: Pattern,
) -> ClientConfig {
    let initiator = InitiatorConfig {
        address: url.to_owned(),
        profile,
        pattern,
        settings,
        timeouts: Timeouts::default(),
        language: "en-US".to_owned(),
    };
    ClientConfig { initiator, limits: ClientLimits::default(), patient: false }
}

/// CreateSequence of RM 1.0 with WS-Addressing 1.0, with an Offer.
pub(crate) fn create_sequence(soap: SoapVersion) -> String {
    let rm = RmVersion::February2005.namespace();
    let wsa = AddressingVersion::Addressing10;
    let (env, wsa, anonymous) = (soap.namespace(), wsa.namespace(), wsa.anonymous());
    format!(
        "<s:Envelope xmlns:s=\"{env}\" xmlns:a=\"{wsa}\"><s:Header><a:Action>{rm}/CreateSequence</a:Action>\
         <a:MessageID>urn:uuid:create</a:MessageID></s:Header><s:Body><CreateSequence xmlns=\"{rm}\"><AcksTo>\
         <a:Address>{anonymous}</a:Address></AcksTo><Offer><Identifier>urn:offer</Identifier></Offer>\
         </CreateSequence></s:Body></s:Envelope>"
    )
}

/// A call of `Echo` with SOAP 1.2 in an RM 1.0 sequence.
pub(crate) fn echo(sequence: &str, number: u64, text: &str) -> String {
    let rm = RmVersion::February2005.namespace();
    let (env, wsa) = (SoapVersion::Soap12.namespace(), AddressingVersion::Addressing10.namespace());
    let body = contract::request_body("Echo", text).xml;
    format!(
        "<s:Envelope xmlns:s=\"{env}\" xmlns:a=\"{wsa}\" xmlns:r=\"{rm}\"><s:Header><r:Sequence><r:Identifier>\
         {sequence}</r:Identifier><r:MessageNumber>{number}</r:MessageNumber></r:Sequence>\
         <a:Action>http://tempuri.org/IEcho/Echo</a:Action><a:MessageID>urn:uuid:{number}</a:MessageID></s:Header>\
         <s:Body>{body}</s:Body></s:Envelope>"
    )
}

/// The text between two others.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let from = text.find(before).unwrap_or_else(|| panic!("no {before} in {text}")) + before.len();
    let to = text[from..].find(after).unwrap();
    &text[from..from + to]
}
