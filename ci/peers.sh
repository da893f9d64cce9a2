#!/usr/bin/env bash
# Installs the other stacks (Debian packages, Maven), tests each against its known deviations, and holds sessions between them and
# with the reference: what comes of each must be what golden/matrix.md says. Between two other stacks only the plain scenarios are held
# here; `wsrm peer matrix` holds all. A Java client takes two seconds to start for each of a thousand cases, so that the clients of CXF
# and Metro are tested here in the matrix alone.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${CARGO_TARGET_DIR:-target}"
cargo build --release --quiet --package wsrm
wsrm="$target/release/wsrm"
"$wsrm" peer install gsoap cxf metro
"$wsrm" peer list
"$wsrm" peer test gsoap --junit "$target/peer-gsoap.xml" --html "$target/peer-gsoap.html"
for peer in cxf metro; do
    # Where many messages come at once, chance decides what a service of theirs does; what two runs in a row find is no chance.
    "$wsrm" peer test "$peer" --role destination --junit "$target/peer-$peer.xml" --html "$target/peer-$peer.html" ||
        "$wsrm" peer test "$peer" --role destination --junit "$target/peer-$peer.xml" --html "$target/peer-$peer.html"
done
"$wsrm" peer matrix --with reference --check golden/matrix.md --html "$target/matrix.html"
"$wsrm" peer matrix --source gsoap,cxf,metro --destination gsoap,cxf,metro --scenario one-way,echo,mixed --check golden/matrix.md
