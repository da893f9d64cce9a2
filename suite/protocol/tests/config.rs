//! Configuration files, by what they mean.

#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy exempts test functions alone")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;
use wsrm_protocol::config::{
    BindingKind, Configuration, ErrorKind, Feature, Origin, Refusal, SelectedSide, Selection,
};
use wsrm_protocol::{INFINITE, ReliableSessionSettings};
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

const SOAP11: SoapVersion = SoapVersion::Soap11;
const SOAP12: SoapVersion = SoapVersion::Soap12;
const WSA10: AddressingVersion = AddressingVersion::Addressing10;
const WSA_AUGUST: AddressingVersion = AddressingVersion::August2004;
const RM10: RmVersion = RmVersion::February2005;
const RM11: RmVersion = RmVersion::V200702;

fn file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/config").join(name)).unwrap()
}

fn configuration(name: &str) -> Configuration {
    Configuration::read(file(name)).unwrap()
}

fn custom(elements: &str) -> String {
    format!(
        "<configuration><system.serviceModel><bindings><customBinding><binding name='x'>{elements}</binding>\
         </customBinding></bindings></system.serviceModel></configuration>"
    )
}

#[rstest]
#[case("Everything", WireProfile { soap: SOAP11, addressing: WSA_AUGUST, rm: RM11 })]
#[case("Bounds", WireProfile { soap: SOAP12, addressing: WSA10, rm: RM10 })]
#[case("Forever", WireProfile { soap: SOAP11, addressing: WSA10, rm: RM10 })]
#[case("Default", WireProfile { soap: SOAP12, addressing: WSA10, rm: RM10 })]
#[case("August", WireProfile { soap: SOAP12, addressing: WSA_AUGUST, rm: RM10 })]
fn profiles_of_custom_bindings(#[case] name: &str, #[case] profile: WireProfile) {
    let selection = Selection { binding: Some(name), ..Selection::default() };
    let selected = configuration("all-settings.config").binding_for(&selection).unwrap();
    assert_eq!(selected.profile, profile);
    assert_eq!(selected.settings.reliable_messaging_version, profile.rm);
    assert_eq!(selected.settings.validate(), Ok(()));
}

#[test]
fn all_eight_settings_and_the_timeouts_are_read() {
    let selection = Selection { binding: Some("customBinding/Everything"), ..Selection::default() };
    let selected = configuration("all-settings.config").binding_for(&selection).unwrap();
    assert_eq!(
        selected.settings,
        ReliableSessionSettings {
            acknowledgement_interval: Duration::from_millis(50),
            flow_control_enabled: false,
            inactivity_timeout: Duration::from_secs(86_400),
            max_pending_channels: 16,
            max_retry_count: 3,
            max_transfer_window_size: 32,
            ordered: false,
            reliable_messaging_version: RM11,
        }
    );
    let timeouts = selected.timeouts;
    assert_eq!(timeouts.open, Duration::from_secs(30));
    assert_eq!(timeouts.close, Duration::from_secs(120));
    assert_eq!(timeouts.send, Duration::from_millis(90_500));
    assert_eq!(timeouts.receive, INFINITE);
}

#[test]
fn every_setting_says_where_it_comes_from() {
    let configuration = configuration("standard-bindings.config");
    let binding = &configuration.bindings()[0];
    let session = binding.reliable_session.as_ref().unwrap();
    let Origin::Written(location) = &session.ordered.origin else { panic!("ordered is written") };
    assert_eq!((location.line, location.column), (7, 43));
    assert_eq!(
        location.path,
        "system.serviceModel/bindings/wsHttpBinding/binding[@name='Reliable']/reliableSession/@ordered"
    );
    assert_eq!(session.reliable_messaging_version.origin, Origin::Binding);
    assert_eq!(session.max_retry_count.origin, Origin::Default);
}

#[rstest]
#[case("wsHttpBinding", RM10, &[Feature::MessageSecurity])]
#[case("ws2007HttpBinding", RM11, &[Feature::MessageSecurity])]
#[case("wsFederationHttpBinding", RM10, &[Feature::MessageSecurity])]
#[case("ws2007FederationHttpBinding", RM11, &[Feature::MessageSecurity])]
#[case("wsHttpContextBinding", RM10, &[Feature::Context, Feature::MessageSecurity])]
#[case("netTcpBinding", RM10, &[Feature::Binary, Feature::StreamSecurity, Feature::Tcp])]
#[case("netHttpBinding", RM10, &[Feature::Binary])]
#[case("netHttpsBinding", RM10, &[Feature::Binary, Feature::Https])]
#[case("wsDualHttpBinding", RM10, &[Feature::MessageSecurity, Feature::CompositeDuplex, Feature::OneWay])]
fn standard_bindings_have_their_own_defaults(
    #[case] kind: &str,
    #[case] version: RmVersion,
    #[case] missing: &[Feature],
) {
    let configuration = configuration("standard-bindings.config");
    let binding = configuration.bindings().iter().find(|binding| binding.kind.name() == kind).unwrap();
    assert_eq!(binding.profile(), Some(WireProfile { soap: SOAP12, addressing: WSA10, rm: version }));
    let label = format!("{kind}/Reliable");
    let selection = Selection { binding: Some(&label), ..Selection::default() };
    let Err(Refusal::Unsupported { missing: refused, .. }) = configuration.binding_for(&selection) else {
        panic!("{kind} can not be spoken yet")
    };
    assert_eq!(refused.iter().map(|refused| refused.feature).collect::<Vec<_>>(), missing);
}

#[rstest]
#[case("basicHttpBinding")]
#[case("netNamedPipeBinding")]
#[case("netMsmqBinding")]
#[case("webHttpBinding")]
fn other_bindings_are_not_reliable(#[case] kind: &str) {
    let label = format!("{kind}/Plain");
    let selection = Selection { binding: Some(&label), ..Selection::default() };
    let refusal = configuration("standard-bindings.config").binding_for(&selection).unwrap_err();
    assert_eq!(refusal.to_string(), format!("{kind} 'Plain' is not reliable"));
}

#[test]
fn a_session_is_off_where_enabled_is_not_written() {
    let text = "<configuration><system.serviceModel><bindings><wsHttpBinding><binding><reliableSession ordered='false'/>\
                </binding></wsHttpBinding></bindings></system.serviceModel></configuration>";
    assert_eq!(Configuration::read(text).unwrap().bindings()[0].reliable_session, None);
}

#[rstest]
#[case(Selection { endpoint: Some("Orders"), ..Selection::default() }, "http://shop.example/orders", RM10)]
#[case(Selection { endpoint: Some("Shop.ILedger"), ..Selection::default() }, "http://shop.example/ledger", RM11)]
#[case(Selection { endpoint: Some("http://shop.example/ledger"), ..Selection::default() }, "http://shop.example/ledger", RM11)]
#[case(Selection { binding: Some("Old"), side: Some(SelectedSide::Client), ..Selection::default() }, "http://shop.example/orders", RM10)]
fn endpoints_lead_to_their_bindings(
    #[case] selection: Selection<'_>,
    #[case] address: &str,
    #[case] rm: RmVersion,
) {
    let selected = configuration("speakable.config").binding_for(&selection).unwrap();
    assert_eq!(selected.address.as_deref(), Some(address));
    assert_eq!(selected.profile.rm, rm);
}

#[rstest]
#[case::several(
    Selection::default(),
    "several fit; name one of them: Orders (wsHttpBinding 'Old'), Ledger (customBinding 'Soap11')"
)]
#[case::no_endpoint(
    Selection { endpoint: Some("Stock"), ..Selection::default() },
    "the endpoint 'Stock' is not in the file; there is: Orders, Ledger"
)]
#[case::no_binding(
    Selection { binding: Some("Stock"), ..Selection::default() },
    "the binding 'Stock' is not in the file; there is: wsHttpBinding 'Old', ws2007HttpBinding 'New', netHttpBinding \
     'Text', customBinding 'Soap11'"
)]
fn what_is_not_clear_is_refused(#[case] selection: Selection<'_>, #[case] message: &str) {
    assert_eq!(configuration("speakable.config").binding_for(&selection).unwrap_err().to_string(), message);
}

#[test]
fn what_can_not_be_spoken_is_refused_by_name() {
    let refusal = configuration("secured-duplex.config").binding_for(&Selection::default()).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "customBinding 'SecuredDuplex' can not be spoken yet: security (authenticationMode SecureConversation) needs \
         WS-Security and WS-SecureConversation; compositeDuplex needs duplex over two HTTP connections; oneWay needs \
         one-way exchanges below the session, with addressable replies"
    );
}

#[rstest]
#[case("TransportNotLast")]
#[case("NoTransport")]
#[case("NoAddressing")]
#[case("PlainXml")]
#[case("Streamed")]
fn what_wcf_could_not_use_is_refused(#[case] name: &str) {
    let selection = Selection { binding: Some(name), ..Selection::default() };
    let refusal = configuration("stack-problems.config").binding_for(&selection).unwrap_err();
    assert!(matches!(refusal, Refusal::Invalid { ref problems, .. } if !problems.is_empty()), "{refusal}");
}

#[rstest]
#[case("unknown-attribute", ErrorKind::UnknownAttribute, (7, 28))]
#[case("retry-zero", ErrorKind::Value, (7, 28))]
#[case("window-above", ErrorKind::Value, (7, 28))]
#[case("message-version", ErrorKind::Value, (8, 32))]
#[case("session-in-basic", ErrorKind::UnknownElement, (8, 11))]
#[case("two-transports", ErrorKind::Duplicate, (9, 11))]
#[case("same-name", ErrorKind::Duplicate, (7, 9))]
#[case("entity-bomb", ErrorKind::Document, (2, 1))]
#[case("mismatched", ErrorKind::Document, (3, 3))]
#[case("unknown-entity", ErrorKind::Document, (7, 49))]
#[case("bad-utf-8", ErrorKind::Document, (2, 8))]
fn mistakes_have_a_place(#[case] name: &str, #[case] kind: ErrorKind, #[case] place: (u32, u32)) {
    let errors = Configuration::read(file(&format!("invalid/{name}.config"))).unwrap_err();
    let error = errors.iter().next().unwrap();
    assert_eq!((error.kind, (error.location.line, error.location.column)), (kind, place));
}

#[test]
fn mistakes_come_together_and_in_order() {
    let errors = Configuration::read(file("invalid/several.config")).unwrap_err();
    let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "maxRetryCount=\"0\" is not allowed",
            "maxTransferWindowSize=\"0\" is not allowed",
            "ordered=\"no\" is not allowed"
        ]
    );
}

#[rstest]
#[case::deep("<a>".repeat(100_000), "elements lie more than 64 deep")]
#[case::wide(format!("<configuration>{}</configuration>", "<a/>".repeat(100_000)), "the file has more than 20000 elements")]
#[case::attributes(
    format!("<configuration {}/>", (0..300).map(|n| format!("a{n}='' ")).collect::<String>()),
    "the element has more than 256 attributes"
)]
#[case::long(" ".repeat(5 << 20), "the file has 5242880 bytes; at most 4194304 are read")]
fn documents_are_bounded(#[case] text: String, #[case] message: &str) {
    let errors = Configuration::read(text).unwrap_err();
    assert_eq!(errors.iter().next().unwrap().message, message);
}

#[test]
fn mistakes_are_bounded() {
    let text = custom(&"<reliableSession a='' b='' c=''/>".repeat(500));
    assert_eq!(Configuration::read(text).unwrap_err().iter().count(), 100);
}

#[test]
fn as_much_as_is_allowed_is_read_in_reasonable_time() {
    let many: String = (0..9_000)
        .map(|n| format!("<endpoint name='{n}' binding='wsHttpBinding' bindingConfiguration='{n}'/>"))
        .collect();
    let bindings: String = (0..9_000).map(|n| format!("<binding name='{n}'/>")).collect();
    let text = format!(
        "<configuration><system.serviceModel><client>{many}</client><bindings><wsHttpBinding>{bindings}</wsHttpBinding>\
         </bindings></system.serviceModel></configuration>"
    );
    let configuration = Configuration::read(text).unwrap();
    assert!(configuration.endpoints().iter().all(|endpoint| configuration.binding_of(endpoint).is_some()));
}

#[rstest]
#[case::of_the_file(
    "<system.serviceModel><extensions><bindingElementExtensions><add name='own'/></bindingElementExtensions></extensions></system.serviceModel>",
    0
)]
#[case::of_nobody("", 1)]
fn an_extension_is_known_in_every_location(#[case] registration: &str, #[case] problems: usize) {
    let text = format!(
        "<configuration>{registration}<location path='inner'><system.serviceModel><bindings><customBinding><binding><own/>\
         <httpTransport/></binding></customBinding></bindings></system.serviceModel></location></configuration>"
    );
    let configuration = Configuration::read(text).unwrap();
    assert_eq!(configuration.bindings()[0].problems.len(), problems);
    assert_eq!(configuration.bindings()[0].scope.as_deref(), Some("inner"));
}

#[test]
fn every_kind_is_named_as_in_the_file() {
    for name in BindingKind::reliable_names() {
        assert_eq!(BindingKind::named(name).name(), name);
        assert!(!matches!(BindingKind::named(name), BindingKind::Extension(_)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_to_a_file_panics(
        name in prop::sample::select(vec!["all-settings.config", "stack-problems.config", "odd-xml.config", "transform.config"]),
        cut in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        length in 0_usize..20,
    ) {
        let mut bytes = file(name);
        let start = cut.index(bytes.len());
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, [byte]);
        if let Ok(configuration) = Configuration::read(bytes) {
            let _ = configuration.binding_for(&Selection::default());
        }
    }

    #[test]
    fn no_text_panics(text in "(<|>|/|\\?|!|&|;|'|=|:| |a|configuration|xml|xdt|\\[CDATA\\[){0,40}") {
        let _ = Configuration::read(text);
    }
}
