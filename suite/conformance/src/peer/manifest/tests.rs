use rstest::rstest;

use super::*;

const SMALLEST: &str = r#"
name = "Stack"
version = "1.2"
about = "a stack"
licence = "MIT"
[client]
command = ["./client"]
[[client.speaks]]
rm = ["1.1"]
soap = ["1.2"]
addressing = ["1.0"]
contracts = ["echo"]
settings = ["retry=500", "da=exactly"]
"#;

fn form(rm: RmVersion, contract: Contract) -> Form {
    let profile = WireProfile { soap: SoapVersion::Soap12, addressing: AddressingVersion::Addressing10, rm };
    Form { profile, contract }
}

#[test]
fn the_smallest_manifest() {
    let manifest = Manifest::parse("stack", SMALLEST).unwrap();
    assert_eq!((manifest.id.as_str(), manifest.title().as_str()), ("stack", "Stack 1.2"));
    assert_eq!(manifest.roles().collect::<Vec<_>>(), [PeerRole::Client]);
    assert_eq!(manifest.client.as_ref().unwrap().time_limit, Duration::from_secs(60));
    assert!(manifest.build.commands.is_empty() && manifest.install.programs.is_empty());
}

#[test]
fn own_settings_stand_before_those_that_are_asked_for_and_give_way_to_them() {
    let manifest = Manifest::parse("stack", SMALLEST).unwrap();
    let spec = |role, form, settings: &[Setting]| manifest.spec(role, form, settings);
    let echo = form(RmVersion::V200702, Contract::Echo);
    assert_eq!(
        spec(PeerRole::Client, echo, &["retry=7".parse().unwrap()]).unwrap(),
        "rm=11,mv=s12a10,contract=echo,da=exactly,retry=7"
    );
    assert_eq!(spec(PeerRole::Client, form(RmVersion::February2005, Contract::Echo), &[]), None);
    assert_eq!(spec(PeerRole::Client, form(RmVersion::V200702, Contract::Mixed), &[]), None);
    assert_eq!(spec(PeerRole::Service, echo, &[]), None);
}

#[rstest]
#[case::no_toml("name =", "TOML parse error at line 1")]
#[case::unknown_key("colour = 1", "unknown field `colour`")]
#[case::missing_key("[service]\nspeaks = []", "missing field `command`")]
#[case::path("recordings = \"../up\"", "recordings: \"../up\" is not a relative path without ..")]
#[case::package("[install]\ndebian = [\"--yes\"]", "install.debian: \"--yes\" is not the name of a package")]
#[case::results("[build]\ncommands = [[\"make\"]]", "build.results is empty")]
#[case::command("[build]\ncommands = [[]]", "a command of [build] is empty")]
#[case::limit("[build]\nlimit_seconds = 0", "build.limit_seconds: \"0\" is not 1 to 3600")]
fn refuses(#[case] addition: &str, #[case] error: &str) {
    // Keys of the file itself stand before its tables.
    let text = match addition.starts_with('[') {
        true => format!("{SMALLEST}\n{addition}"),
        false => format!("{addition}\n{SMALLEST}"),
    };
    let refused = Manifest::parse("stack", &text).unwrap_err().to_string();
    assert!(refused.contains(error), "{refused}");
}

#[rstest]
#[case(
    "contracts = [\"echo\"]",
    "contracts = [\"duplex\"]",
    "speaks.contracts: \"duplex\" is not echo, one-way or mixed"
)]
#[case("rm = [\"1.1\"]", "rm = [\"1.2\"]", "speaks.rm: \"1.2\" is not 1.0 or 1.1")]
#[case("soap = [\"1.2\"]", "soap = []", "speaks.soap is empty")]
#[case("command = [\"./client\"]", "command = []", "client.command is empty")]
#[case("\"retry=500\"", "\"retry\"", "speaks.settings: \"retry\" is not a setting: key=value")]
fn refuses_values(#[case] good: &str, #[case] bad: &str, #[case] error: &str) {
    assert!(SMALLEST.contains(good));
    let refused = Manifest::parse("stack", &SMALLEST.replace(good, bad)).unwrap_err();
    assert_eq!(refused.to_string(), error);
}

#[test]
fn a_peer_without_a_role_is_none() {
    let text = "name = \"a\"\nabout = \"a\"\nlicence = \"a\"";
    assert!(matches!(Manifest::parse("a", text), Err(ManifestFlaw::NoRole)));
}

/// The manifests of this repository, and the files that they name.
#[test]
fn manifests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let manifests = Manifest::read_all(&root.join("peers")).unwrap();
    let ids: Vec<_> = manifests.iter().map(|manifest| manifest.id.as_str()).collect();
    assert_eq!(ids, ["cxf", "gsoap", "metro", "reference", "wcf"]);
    for manifest in &manifests {
        let folder = root.join("peers").join(&manifest.id);
        for input in &manifest.build.inputs {
            assert!(folder.join(input).exists(), "{}: {}", manifest.id, input.display());
        }
        if let Some(recordings) = &manifest.recordings {
            assert!(root.join(recordings).is_dir(), "{}: {}", manifest.id, recordings.display());
        }
        let commands = manifest.service.iter().map(|service| &service.command);
        for command in commands.chain(manifest.client.iter().map(|client| &client.command)) {
            let own = command.first().and_then(|program| program.strip_prefix("./"));
            assert!(own.is_none_or(|own| folder.join(own).is_file()), "{}: {command:?}", manifest.id);
        }
    }
}
