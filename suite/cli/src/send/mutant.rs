//! `wsrm send --mutant`: the reference client with a bug.

use std::rc::Rc;

use anstyle::{AnsiColor, Style};
use wsrm_conformance::case::live::{AddressError, LiveWire, WireLimits};
use wsrm_conformance::case::{Application, Target, Wire};
use wsrm_conformance::entry::ClientEnd;
use wsrm_conformance::invitation::{MutantClient, ReferenceClient, drive};
use wsrm_protocol::InitiatorConfig;
use wsrm_reference::RandomIdentifiers;
use wsrm_reference::mutants::{self, Mutant, Role};

use super::{Arguments, read_text};
use crate::binding::{ContractName, Refusal};
use crate::exit::Exit;

const ODD: Style = AnsiColor::Yellow.on_default();

/// The bug of a client that has this name.
pub(super) fn named(name: &str) -> Result<&'static Mutant, String> {
    match mutants::find(name) {
        Some(mutant) if mutant.role == Role::Source => Ok(mutant),
        Some(_) => Err(format!("{name} is a bug of a service; `wsrm mutants {name}` shows it")),
        None => Err(crate::mutants::unknown(name)),
    }
}

/// One session, from open to close, by a client with this bug.
///
/// # Errors
/// If the address or the body is none, or the pattern is mixed.
pub(super) async fn send(
    arguments: &Arguments,
    config: InitiatorConfig,
    mutant: &'static Mutant,
) -> Result<Exit, Refusal> {
    let refuse = |message| Refusal { exit: Exit::Usage, message };
    if arguments.pattern == ContractName::Mixed {
        return Err(refuse("--mutant sends messages of one kind: --pattern echo or one-way".to_owned()));
    }
    let application = match (&arguments.action, &arguments.body) {
        (Some(action), Some(path)) => Application::own(config.pattern, action.clone(), read_text(path)?),
        _ => Application::recorded(config.pattern),
    };
    let (profile, pattern) = (config.profile, config.pattern);
    let target = Target { address: config.address.clone(), profile, pattern, application };
    let wire: Rc<dyn Wire> = Rc::new(LiveWire::new(&target.address, WireLimits::default()).map_err(wrong)?);
    let (name, breaks) = (mutant.name, mutant.breaks);
    anstream::println!("{ODD}with the bug {name}{ODD:#}, which breaks {breaks}: {}", mutant.about);
    let identifiers = Box::new(RandomIdentifiers::new());
    let client = ReferenceClient::new(config, &target, arguments.messages, identifiers);
    let end = drive(&mut MutantClient::new(client, mutant, profile), wire).await;
    anstream::println!(
        "{} messages ({}): its application saw {}",
        arguments.messages,
        target.dialect(),
        end.words()
    );
    Ok(match end {
        ClientEnd::Success => Exit::Success,
        _ => Exit::Found,
    })
}

fn wrong(error: AddressError) -> Refusal {
    let exit = match error {
        AddressError::Https(_) => Exit::Unsupported,
        AddressError::Form(_) => Exit::Usage,
    };
    Refusal { exit, message: error.to_string() }
}
