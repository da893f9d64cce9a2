//! Holds the catalogue to its rules.

use std::path::Path;

use rstest::rstest;
use wsrm_oracle::catalogue::{CatalogueError, Source};
use wsrm_oracle::{Catalogue, Level};

/// The numbered statements of Microsoft's protocol document for RM 1.0.
const STATEMENTS_1_0: &str = "B1101 B1102 R1103 R1104 R1105 R1106 R1107 R1108 R1109 B1201 B1202 B1203 R1401 B1402 \
    B1403 B1501 B1502 B1503 B1601 B1602 B1603 R2101 R2102 R2301 R2302 R2303 B2304 R2305 B3001 B3002 B4001 B4002 \
    B4003 B4004 B4005";
/// The numbered statements of Microsoft's protocol document for RM 1.1.
const STATEMENTS_1_1: &str = "B1101 R1102 R1103 B1104 B1105 B1106 B1107 B1108 B1109 B1110 B1111 R1112 R1113 B1201 \
    B1202 B1203 R1204 B1205 B1301 R1302 B1303 B1304 B1401 R1601 B1602 B1701 B1702 B1801 B1802 R2101 R2102 R2301 \
    R2302 R2303 B2304 R2305 B2401 R2402 B3001 B3002 B3003 R3004 B3005 B3006 B3007 B4001 B4002 B4003 B4004 B4005";

fn golden() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/oracle"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn loads() {
    let catalogue = Catalogue::load().unwrap();
    assert!(catalogue.requirements().len() >= 250);
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue").read_dir().unwrap().count();
    assert_eq!(catalogue.families().count(), files, "a file of the catalogue is not read");
}

#[test]
fn every_numbered_statement_of_microsoft_is_cited() {
    let catalogue = Catalogue::load().unwrap();
    let cited: Vec<String> = catalogue
        .requirements()
        .iter()
        .flat_map(|requirement| &requirement.sources)
        .filter(|source| matches!(source, Source::Statement { .. }))
        .map(ToString::to_string)
        .collect();
    let wanted = |version: &str, numbers: &str| -> Vec<String> {
        numbers.split_whitespace().map(|number| format!("Microsoft RM {version} {number}")).collect()
    };
    let all = [wanted("1.0", STATEMENTS_1_0), wanted("1.1", STATEMENTS_1_1)].concat();
    assert_eq!(all.len(), 85);
    let missing: Vec<_> = all.iter().filter(|statement| !cited.contains(statement)).collect();
    assert_eq!(missing, Vec::<&String>::new());
    let unknown: Vec<_> = cited.iter().filter(|statement| !all.contains(statement)).collect();
    assert_eq!(unknown, Vec::<&String>::new());
}

#[test]
fn every_recording_that_is_cited_exists() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recordings");
    for requirement in Catalogue::load().unwrap().requirements() {
        for source in &requirement.sources {
            if let Source::Recording { path } = source {
                assert!(fixtures.join(path).is_dir(), "{}: no recording {path}", requirement.id);
            }
        }
    }
}

#[test]
fn a_requirement_of_the_standard_cites_one() {
    for requirement in Catalogue::load().unwrap().requirements() {
        let is_standard = |source: &Source| match source {
            Source::Section { document, .. } => {
                !document.starts_with("Microsoft") && !document.starts_with("MS-")
            }
            Source::Profile { .. } => true,
            Source::Statement { .. } | Source::Recording { .. } | Source::Code { .. } => false,
        };
        let is_document = |source: &Source| !matches!(source, Source::Recording { .. } | Source::Code { .. });
        let found = match requirement.level {
            Level::Must | Level::Should if requirement.is_judged() => {
                requirement.sources.iter().any(is_standard)
            }
            Level::Must | Level::Should => requirement.sources.iter().any(is_document),
            Level::Wcf | Level::May | Level::Observed => true,
        };
        assert!(found, "{}: no standard among its sources", requirement.id);
    }
}

#[test]
fn every_source_is_written_as_it_is_read() {
    for requirement in Catalogue::load().unwrap().requirements() {
        for source in &requirement.sources {
            assert_eq!(source.to_string().parse::<Source>().as_ref(), Ok(source));
        }
    }
}

#[test]
fn listing() {
    let catalogue = Catalogue::load().unwrap();
    let lines = catalogue.requirements().iter().map(|requirement| {
        let judged = if requirement.is_judged() { "" } else { "  (not judged)" };
        format!(
            "{:8} {:11} {}{judged}\n",
            requirement.level.as_str(),
            requirement.role.as_str(),
            requirement.id
        )
    });
    golden().bind(|| insta::assert_snapshot!("catalogue", lines.collect::<String>()));
}

const GOOD: &str = "[[requirement]]\nid = \"a.b-1\"\nlevel = \"must\"\nrole = \"source\"\ntext = \"t\"\n\
    sources = [\"WS-RM 1.1 §3.4\"]\n";

#[rstest]
#[case::unknown_field("colour = \"red\"\n", "unknown field `colour`")]
#[case::unknown_rm_version("rm = [\"1.3\"]\n", "unknown variant `1.3`")]
#[case::consequence_of_a_must("consequence = \"hangs\"\n", "`consequence` belongs to the level `wcf`")]
#[case::judged_without_reason("judged = false\n", "`judged = false` needs its `reason`")]
#[case::reason_without_judged("reason = \"because\"\n", "`reason` belongs to `judged = false`")]
#[case::judged_true("judged = true\n", "`judged` is only ever false")]
#[case::empty_text("erratum = \" \"\n", "a text is empty")]
#[case::twice(GOOD, "requirement a.b-1 is there twice")]
fn refuses(#[case] more: &str, #[case] expected: &str) {
    let error = Catalogue::read([("a", format!("{GOOD}{more}").as_str())]).unwrap_err();
    assert!(error.to_string().contains(expected), "{error}");
}

#[rstest]
#[case::foreign_family("id = \"a.b-1\"", "id = \"c.d\"")]
#[case::upper_case("id = \"a.b-1\"", "id = \"a.B\"")]
#[case::empty_word("id = \"a.b-1\"", "id = \"a.b--c\"")]
fn refuses_an_id(#[case] from: &str, #[case] to: &str) {
    let error = Catalogue::read([("a", GOOD.replace(from, to).as_str())]).unwrap_err();
    assert!(matches!(error, CatalogueError::Id { .. }), "{error}");
}

#[rstest]
#[case("WS-RM 1.3 §3.4")]
#[case("WS-RM 1.1 3.4")]
#[case("WS-RM 1.1 § ")]
#[case("Microsoft RM 1.2 B1101")]
#[case("Microsoft RM 1.1 B110")]
#[case("Microsoft RM 1.1 X1101")]
#[case("WS-I RSP B0540")]
#[case("WCF recording cxf/A-echo-rm11")]
#[case("WCF recording wcf/../x")]
#[case("WCF source transmission strategy")]
#[case("hearsay")]
fn refuses_a_source(#[case] source: &str) {
    let error = Catalogue::read([("a", GOOD.replace("WS-RM 1.1 §3.4", source).as_str())]).unwrap_err();
    assert!(matches!(error, CatalogueError::Source { .. }), "{error}");
}
