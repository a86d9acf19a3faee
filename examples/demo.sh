#!/bin/sh
# What `make demo` does: release the shop twice for real, and leave the result in demo/ to look at.
#
#   sh examples/demo.sh PYTHON [FOLDER]
#
# PYTHON is the Python that has Ferryman; FOLDER is where the result goes (demo). Exits with 0 when both releases ended
# as they should: the first reaches production, the second fails there and the first is put back.
set -eu

python=${1:?usage: sh examples/demo.sh PYTHON [FOLDER]}
folder=${2:-demo}
file=examples/shop/release.yaml
mkdir -p "$folder/shop"
target=$(cd "$folder/shop" && pwd)

ferryman() { "$python" -m ferryman "$@"; }
say() { printf '\n== %s\n\n' "$1"; }
release() {
    version=$1
    shift
    ferryman run "$file" --data "$folder/data" --approve production \
        --param "source=$PWD/examples/shop" --param "target=$target" --param "version=$version" "$@"
}
in_production() { basename "$(readlink "$target/production/current")"; }

say "Is the pipeline without fault, and what would it do?"
ferryman validate "$file"
ferryman explain "$file" --with source=examples/shop --with "target=$folder/shop" --with "ci.actor=$(id -un)"

say "Release 1.0.0: built, tested, put into staging, approved, put into production"
release 1.0.0
good=$(in_production)

say "Release 1.1.0: production is not well with it, so the version before is put back"
code=0
release 1.1.0 --param broken=true || code=$?
if [ "$code" -ne 1 ]; then
    echo "release 1.1.0 should have failed, which is exit code 1; it was $code" >&2
    exit 1
fi
if [ "$(in_production)" != "$good" ]; then
    echo "production should be back at $good; it is at $(in_production)" >&2
    exit 1
fi

say "What is kept of both"
ferryman runs --data "$folder/data"

cat <<END

Both ended as they should: production serves $good again. Look at it:

  $python -m ferryman show latest --data "$folder/data"
  $python -m ferryman why latest --data "$folder/data"
  $python -m ferryman logs latest --data "$folder/data" --step production/ship/check
  $python -m ferryman events latest --data "$folder/data"
  ls -l "$folder/shop/staging" "$folder/shop/production"
  cat "$folder"/shop/reports/*.json
END
