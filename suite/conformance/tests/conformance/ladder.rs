//! The ladder diagrams of recordings that show every kind of rung.

use std::path::{Path, PathBuf};

use rstest::rstest;
use wsrm_conformance::ladder::Ladder;
use wsrm_conformance::recording::{self, Recording};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_recording_is_read_and_drawn() {
    let folders = recording::find(&root().join("fixtures/recordings")).unwrap();
    assert!(folders.len() >= 440, "only {} recordings", folders.len());
    for folder in folders {
        let recording = Recording::read(&folder).unwrap();
        let drawing = anstream::adapter::strip_str(&Ladder::of(&recording).render(100)).to_string();
        for line in drawing.lines().filter(|line| line.contains(['│', '├'])) {
            assert_eq!(line.chars().count(), 100, "{}: {line}", folder.display());
        }
    }
}

#[rstest]
#[case::mixed("wcf/A-mixed-rm11")]
#[case::held_and_late("wcf/B-echo-reorder-rm10")]
#[case::lost_and_hanging("wcf/B-hang-oneway-rm11")]
#[case::response_lost("wcf/B-echo-resp-dropped-rm11")]
#[case::duplicate("wcf/B-echo-dup-rm10")]
#[case::faults("wcf/E-inactivity-inact11")]
#[case::labels_and_odd_requests("wcf/C-bad-requests-echo10s12a10")]
#[case::both_sides_send("cxf/A-echo-rm11-s12a10-addr")]
#[case::no_times("gsoap/07-rm11-lost-response-resend")]
#[case::binary("metro/A-echo-rm11-fastinfoset")]
#[case::documents("wcf/F-wsdl")]
#[case::event("metro/B-echo-restart-rm11")]
fn drawing(#[case] name: &str) {
    let recording = Recording::read(&root().join("fixtures/recordings").join(name)).unwrap();
    let drawing = anstream::adapter::strip_str(&Ladder::of(&recording).render(100)).to_string();
    insta::with_settings!({
        snapshot_path => root().join("golden/ladder"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name.replace('/', "-"), drawing);
    });
}
