"""Which program reads a script: the one its first line names, else the one the step names (bkci-v3 5.10)."""

import os
import shutil
from functools import lru_cache

import msgspec

SCRIPT = "/dev/fd/4"
"""Where a script can be read by its interpreter; it stands in memory only."""

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
_PROGRAMS: dict[str, tuple[str, ...]] = {
    "auto": ("bash", "sh"),
    "python": ("python3", "python"),
    "powershell": ("powershell", "pwsh"),
}
"""Names whose program may be called otherwise; the first that is there is taken."""
_READS_MORE = frozenset({"zsh", "ksh"})
_AS_CALLED = {"node": ("--preserve-symlinks-main",), "nodejs": ("--preserve-symlinks-main",)}
"""What keeps a program from looking for what `SCRIPT` is a link to: what stands in memory has no place."""
_POWER_SHELLS = frozenset({"pwsh", "powershell"})
_READ_ALL = f"& ([scriptblock]::Create([IO.File]::ReadAllText('{SCRIPT}'))); exit $LASTEXITCODE"
_ELSEWHERE = {"cmd": "Windows", "win_bash": "Windows"}


class Reading(msgspec.Struct, frozen=True):
    """How a script is to be read: by this command, or not at all for lack of `missing`."""

    argv: tuple[str, ...] = ()
    shell: bool = False
    """It understands the prelude."""
    reads_more: bool = False
    """It reads files of its own before the script, whatever its environment says."""
    missing: str = ""


def reading(text: str, interpreter: str, *, path: str) -> Reading:
    """The command that reads a script, with programs found along `path`."""
    first = text.partition("\n")[0].rstrip("\r")
    if first.startswith("#!/"):
        return _named_by_line(first[2:], path)
    if interpreter in _ELSEWHERE:
        return Reading(missing=f"{interpreter} (it is there on {_ELSEWHERE[interpreter]} only)")
    names = _PROGRAMS.get(interpreter, (interpreter,))
    for name in names:
        if program := found(name, path):
            if name in _POWER_SHELLS:
                return Reading((program, "-NoProfile", "-NonInteractive", "-Command", _READ_ALL))
            return _read_by((program, SCRIPT), name)
    return Reading(missing=" or ".join(names))


def found(name: str, path: str) -> str | None:
    """A program by its name, looked for along `path`. Where it was once, it is taken from as long as it is there."""
    try:
        program = _found(name, path)
        if not os.access(program, os.X_OK):
            _found.cache_clear()
            program = _found(name, path)
    except LookupError:
        return None
    return program


@lru_cache(maxsize=256)
def _found(name: str, path: str) -> str:
    # What is not there may come: only what was found is remembered.
    if program := shutil.which(name, path=path):
        return program
    raise LookupError(name)


def _named_by_line(line: str, path: str) -> Reading:
    """What the system would do with this first line: a program and at most one argument; `env` looks along the path."""
    program, _, argument = line.strip().partition(" ")
    argument = argument.strip()
    name = os.path.basename(program)
    if name == "env" and argument:
        words = argument.removeprefix("-S").split()
        by_name = found(words[0], path) if words else None
        if by_name is None:
            return Reading(missing=argument)
        return _read_by((by_name, *words[1:], SCRIPT), words[0])
    if shutil.which(program) is None:
        return Reading(missing=program)
    return _read_by((program, *((argument,) if argument else ()), SCRIPT), name)


def _read_by(argv: tuple[str, ...], name: str) -> Reading:
    # An argument may be `-l` or `-i`, which make any shell read more.
    reads_more = name in _READS_MORE or len(argv) > 2
    program, *arguments = argv
    return Reading(
        (program, *_AS_CALLED.get(name, ()), *arguments), shell=name in _SHELLS, reads_more=reads_more
    )
