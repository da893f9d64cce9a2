#!/usr/bin/env bash
# Installs the other stacks (Debian packages, Maven), tests each in both roles against its known deviations, and holds sessions between
# them and with the reference: what comes of each must be what golden/matrix.md says. Between two other stacks only the plain scenarios
# are held here; `wsrm peer matrix` holds all.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${CARGO_TARGET_DIR:-target}"
cargo build --release --quiet --package wsrm
wsrm="$target/release/wsrm"
"$wsrm" peer install gsoap cxf metro
"$wsrm" peer list
for peer in gsoap cxf metro; do
    # Whoever has no known deviations yet is not tested here.
    if [ -e "golden/verdicts/$peer.toml" ]; then
        "$wsrm" peer test "$peer" --junit "$target/peer-$peer.xml" --html "$target/peer-$peer.html"
    fi
done
"$wsrm" peer matrix --with reference --check golden/matrix.md --html "$target/matrix.html"
"$wsrm" peer matrix --source gsoap,cxf,metro --destination gsoap,cxf,metro --scenario one-way,echo,mixed --check golden/matrix.md
