"""What stands before a shell script: on the script's own first line, so that the shell's line numbers stay right.

It waits at the gate (see the supervisor), defines `setEnv NAME VALUE`, which also exports the name in the running
script (bkci-v3 5.10), and sets whether the first failing command ends the script (semantics 7.6).
"""

_GATE = "read -r FERRYMAN_GATE <&3 || exit 125; unset FERRYMAN_GATE; exec 3<&- 4<&-; "
_NO_GATE = "exec 4<&-; "
_SET_ENV = (
    "setEnv() { case \"${1-}\" in ''|[0-9]*|*[!A-Za-z0-9_]*)"
    " echo \"setEnv: '${1-}' is no name: letters, digits and underscores, no digit first\" >&2; return 2;; esac;"
    ' export "$1=${2-}";'
    ' printf \'%s<<%s\\n%s\\n%s\\n\' "$1" "$FERRYMAN_ATTEMPT" "${2-}" "$FERRYMAN_ATTEMPT"'
    ' >>"$FERRYMAN_ENV"; }; '
)


def with_prelude(text: str, *, stop_at_first_failure: bool, gated: bool) -> str:
    """A shell script that is ready to be started; `gated` where it has to wait at the gate itself."""
    gate = _GATE if gated else _NO_GATE
    mode = "set -e; " if stop_at_first_failure else "set +e; "
    first = text.lstrip(" \t\r")[:1]
    # An empty first line would leave nothing after the last semicolon, which is fine; one that begins with a
    # semicolon is the script's own mistake and is told as such.
    return f"{gate}{_SET_ENV}{mode if first != chr(10) else mode.rstrip('; ')}{text}"
