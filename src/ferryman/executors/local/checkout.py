"""The script that fetches a git repository, with the system's git.

Every value reaches it through the environment, so nothing needs quoting and no secret stands in an argument or in the
repository's configuration: git asks `askpass`, which answers from the environment, and only for the server that the
repository itself is on: a submodule or a redirect may name anybody's. The commit, its author and its
subject become outputs.
"""

from collections.abc import Mapping

from ferryman.domain.work import Checkout
from ferryman.executors.local.placeholders import Field

ASKPASS = r"""#!/bin/sh
host="${CHECKOUT_URL#*://}"; host="${host%%[/?#]*}"
own="${CHECKOUT_URL%%://*}://${host##*@}"
# Who asks stands last in a prompt: a name before it may be anything.
place="${1#* \'}"; place="${place%\': }"; host="${place#*://}"
if [ "${place%%://*}://${host##*@}" != "$own" ]; then
  echo "no login for another server than the repository's own: $1" >&2
  exit 1
fi
case "$1" in Username*) printf '%s\n' "$CHECKOUT_USER" ;; *) printf '%s\n' "$CHECKOUT_PASSWORD" ;; esac
"""
"""What git asks for a login: the prompt comes, the answer goes."""

SCRIPT = (
    r"""
fail() { printf '::set-error %s\n' "$1"; exit 1; }
command -v git >/dev/null || fail "git is not installed on this machine"
case "/$CHECKOUT_FOLDER/" in */../*|//*/*) fail "the folder $CHECKOUT_FOLDER leads out of the working folder";; esac
folder="$WORKSPACE/$CHECKOUT_FOLDER"
umask 077
cat >"$FERRYMAN_TEMP/askpass-$FERRYMAN_ATTEMPT" <<'END'
"""
    + ASKPASS
    + r"""END
chmod 700 "$FERRYMAN_TEMP/askpass-$FERRYMAN_ATTEMPT"
export GIT_ASKPASS="$FERRYMAN_TEMP/askpass-$FERRYMAN_ATTEMPT" GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=credential.useHttpPath GIT_CONFIG_VALUE_0=false
ssh="ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new"
if [ -n "${CHECKOUT_KEY-}" ]; then
  trap 'rm -f "$FERRYMAN_TEMP/key-$FERRYMAN_ATTEMPT"' EXIT
  printf '%s\n' "$CHECKOUT_KEY" >"$FERRYMAN_TEMP/key-$FERRYMAN_ATTEMPT"
  ssh="$ssh -o IdentitiesOnly=yes -i '$FERRYMAN_TEMP/key-$FERRYMAN_ATTEMPT'"
fi
export GIT_SSH_COMMAND="$ssh"
umask 022
if [ "$CHECKOUT_FRESH" = yes ]; then
  find "$folder" -mindepth 1 -maxdepth 1 -exec rm -rf {} + 2>/dev/null || :
fi
mkdir -p "$folder" && cd "$folder" || fail "the folder $CHECKOUT_FOLDER cannot be made; the line above says why"
[ -e .git ] || git init -q .
git config remote.origin.url "$CHECKOUT_URL"
case "$CHECKOUT_KIND" in
  tag) ref="refs/tags/$CHECKOUT_REF" ;;
  commit)
    ref="$CHECKOUT_REF"
    # Anything else would be taken for the name of a branch or tag.
    case "$ref" in *[!0-9a-fA-F]*) fail "$ref is no id of a commit; ask for a branch or tag as such";; esac
    ;;
  *) ref="${CHECKOUT_REF:+refs/heads/$CHECKOUT_REF}"; ref="${ref:-HEAD}" ;;
esac
# All of it, also where an earlier checkout took a part; so many commits mean all to git.
whole=; [ ! -f "$(git rev-parse --git-path shallow)" ] || whole=--depth=2147483647
depth="$whole"; [ "$CHECKOUT_DEPTH" = 0 ] || depth="--depth=$CHECKOUT_DEPTH"
wanted=FETCH_HEAD
if [ "$CHECKOUT_KIND" != commit ]; then
  git fetch -q --no-tags $depth -- "$CHECKOUT_URL" "$ref" ||
    fail "cannot fetch ${CHECKOUT_REF:+$CHECKOUT_KIND }${CHECKOUT_REF:-the default branch}; the lines above say why"
elif [ "${#ref}" -lt 40 ] || ! git fetch -q --no-tags $depth -- "$CHECKOUT_URL" "$ref"; then
  # Not every server hands out a commit by its id, and none a shortened one: fetch the branches and look there, among
  # ids alone, since a branch or tag may have the same name.
  git fetch -q $whole -- "$CHECKOUT_URL" '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*' ||
    fail "cannot fetch the repository; the lines above say why"
  wanted="$(git rev-parse --disambiguate="$ref" | git cat-file --batch-check | sed -n 's/ commit .*//p')"
  case "$wanted" in
    "") fail "there is no commit $CHECKOUT_REF" ;;
    *[!0-9a-f]*) fail "several commits begin with $CHECKOUT_REF; write more of the one that is meant" ;;
  esac
fi
git reset -q --hard
git checkout -q --detach -f "$wanted" -- || fail "cannot check out $CHECKOUT_REF"
if [ "$CHECKOUT_CLEAN" = yes ]; then git clean -qfdx; fi
if [ "$CHECKOUT_SUBMODULES" = yes ] && [ -f .gitmodules ]; then
  git submodule -q sync --recursive
  git submodule -q update --init --recursive --force $depth || fail "cannot fetch the submodules"
fi
git log -1 --format='commit=%H%nauthor=%an <%ae>%nauthored_at=%aI%nsubject=%s' >>"$FERRYMAN_OUTPUT"
printf 'url=%s\nref=%s\n' "$CHECKOUT_URL" "${CHECKOUT_REF:-HEAD}" >>"$FERRYMAN_OUTPUT"
git log -1 --format='checked out %h: %s (%an)'
"""
)


def environment(action: Checkout, known: Mapping[Field, str]) -> dict[str, str]:
    """What the script reads; `known` holds the opened fields of the secret to log in with."""
    words = {
        "CHECKOUT_URL": action.url,
        "CHECKOUT_REF": action.ref,
        "CHECKOUT_KIND": action.ref_kind,
        "CHECKOUT_FOLDER": action.folder or ".",
        "CHECKOUT_DEPTH": str(max(0, action.depth)),
        "CHECKOUT_FRESH": "yes" if action.fresh else "no",
        "CHECKOUT_CLEAN": "yes" if action.clean else "no",
        "CHECKOUT_SUBMODULES": "yes" if action.submodules else "no",
    }
    login = {field: value for (name, field), value in known.items() if name == action.secret}
    if not login:
        return words
    password = login.get("password") or login.get("access_token") or login.get("token", "")
    words |= {"CHECKOUT_USER": login.get("username", "git"), "CHECKOUT_PASSWORD": password}
    return words | ({"CHECKOUT_KEY": login["privateKey"]} if "privateKey" in login else {})
