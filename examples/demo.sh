#!/bin/sh
# What `make demo` does: start a server, release the shop twice through it for real, ask it by BK-CI's API and on the
# command line how the releases stand, stop it, and leave the result in demo/ to look at.
#
#   sh examples/demo.sh PYTHON [FOLDER]
#
# PYTHON is the Python that has Ferryman; FOLDER is where the result goes (demo). Exits with 0 when both releases ended
# as they should: the first reaches production, the second fails there and the first is put back. However it ends, the
# server that it started is stopped.
set -eu

python=${1:?usage: sh examples/demo.sh PYTHON [FOLDER]}
folder=${2:-demo}
file=examples/shop/release.yaml
data="$folder/data"
mkdir -p "$folder/shop"
target=$(cd "$folder/shop" && pwd)
server=

# What is set for another server is not for this one.
for name in $(env | sed -n 's/^\(FERRYMAN_[A-Z0-9_]*\)=.*/\1/p'); do unset "$name"; done

ferryman() { "$python" -m ferryman "$@"; }
say() { printf '\n== %s\n\n' "$1"; }
fail() {
    echo "$1" >&2
    exit 1
}
stop() {
    [ -n "$server" ] || return 0
    kill "$server" 2>/dev/null || true
    wait "$server" || true
    server=
}
trap stop EXIT
trap 'exit 130' INT TERM
release() {
    version=$1
    shift
    ferryman run "$file" --data "$data" --approve production \
        --param "source=$PWD/examples/shop" --param "target=$target" --param "version=$version" "$@"
}
in_production() { basename "$(readlink "$target/production/current")"; }
# The same run twice: by the client that `connect bkci` prints, less its last line, which lists pipelines.
told_alike() {
    ferryman connect bkci --data "$data" | sed '$d' >"$folder/client.py"
    ferryman show latest --data "$data" --output json >"$folder/shown.json"
    "$python" examples/told_alike.py "$folder"
}

say "Is the pipeline without fault, and what would it do?"
ferryman validate "$file"
ferryman explain "$file" --with source=examples/shop --with "target=$folder/shop" --with "ci.actor=$(id -un)"

say "The server, on a free port; what it prints is kept in $folder/server.txt, a token to sign in with among it"
rm -f "$folder/ready.json"
(umask 077 && touch "$folder/server.txt")
"$python" -m ferryman up --data "$data" --port 0 --ready-file "$folder/ready.json" \
    >>"$folder/server.txt" 2>"$folder/server.log" &
server=$!
tries=0
while [ ! -s "$folder/ready.json" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ] || ! kill -0 "$server" 2>/dev/null; then
        fail "the server did not start: $(cat "$folder/server.log")"
    fi
    sleep 0.1
done
sed -n 's/.*"address": "\(.*\)".*/it answers at \1/p' "$folder/ready.json"

say "Release 1.0.0: built, tested, put into staging, approved, put into production"
release 1.0.0
good=$(in_production)

say "The same release, as BK-CI's API and the command line tell of it"
told_alike

say "Release 1.1.0: production is not well with it, so the version before is put back"
code=0
release 1.1.0 --param broken=true || code=$?
[ "$code" -eq 1 ] || fail "release 1.1.0 should have failed, which is exit code 1; it was $code"
[ "$(in_production)" = "$good" ] || fail "production should be back at $good; it is at $(in_production)"
told_alike

say "What is kept of both"
ferryman runs --data "$data"
stop

cat <<END

Both ended as they should: production serves $good again. The server is stopped; all of this is on disk:

  $python -m ferryman show latest --data "$data"
  $python -m ferryman why latest --data "$data"
  $python -m ferryman logs latest --data "$data" --step production/ship/check
  ls -l "$folder/shop/staging" "$folder/shop/production"
  cat "$folder"/shop/reports/*.json

Start the server again, look at its page in a browser, and ask it from another terminal:

  $python -m ferryman up --data "$data"
  $python -m ferryman connect bkci --data "$data" | $python -
END
