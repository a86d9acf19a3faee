"""Values pasted into scripts: where a file does it, and how to do without (RULINGS 14).

A `${{ }}` in a script is replaced before the script runs, so a value with a quote, a `$` or a line break
becomes program text. Every variable is in the environment of the step as well, where it stays a value.
"""

import re
from collections.abc import Mapping

import msgspec

from ferryman.domain.dialect import Dialect
from ferryman.expressions import placeholders
from ferryman.steps import find_kind

_VARIABLE = re.compile(r"^(?:variables\.)?([A-Za-z_][A-Za-z0-9_]*)$")

_POSIX = '"${name}"'
_POWER_SHELL = "$env:{name}"

_SAFE_FORMS = {
    "cmd": "%{name}%",
    "BAT": "%{name}%",
    "pwsh": _POWER_SHELL,
    "powershell": _POWER_SHELL,
    "POWER_SHELL": _POWER_SHELL,
    "python": 'os.environ["{name}"]',
    "PYTHON2": 'os.environ["{name}"]',
    "PYTHON3": 'os.environ["{name}"]',
}
"""How a script reads its environment, by what reads the script; all others are POSIX shells."""

_FALLBACK = {"windowsScript": "BAT"}
"""What reads the script of a kind when the settings do not say."""


class PastedValue(msgspec.Struct, frozen=True):
    """One `${{ }}` in a script: the setting it stands in, its text, and what to write instead."""

    path: str
    text: str
    hint: str


def pasted_values(
    kind_name: str, settings: Mapping[str, object], *, dialect: Dialect = Dialect.CONSTRAINED
) -> list[PastedValue]:
    """Every value pasted into a script of this step, each text once, in the order of the script."""
    kind = find_kind(kind_name)
    if kind is None:
        return []
    reader = settings.get("shell") or settings.get("scriptType") or _FALLBACK.get(kind_name, "")
    safe_form = _SAFE_FORMS.get(str(reader), _POSIX)
    return [
        PastedValue(name, text, _hint(content, safe_form))
        for name in kind.scripts
        for text, content in _outermost(settings.get(name), dialect).items()
    ]


def _outermost(script: object, dialect: Dialect) -> dict[str, str]:
    """Each placeholder that is not inside another, with what stands between its brackets."""
    if not isinstance(script, str):
        return {}
    found: dict[str, str] = {}
    reached = 0
    for start, end, content in placeholders(script, dialect):
        if start >= reached:
            found[script[start:end]] = content
            reached = end
    return found


def _hint(expression: str, safe_form: str) -> str:
    variable = _VARIABLE.match(expression)
    if variable:
        return f"write {safe_form.replace('{name}', variable.group(1))}: every variable is in the environment"
    safe = safe_form.replace("{name}", "VALUE")
    return f'give the step env: {{VALUE: "${{{{ {expression} }}}}"}} and write {safe}'
