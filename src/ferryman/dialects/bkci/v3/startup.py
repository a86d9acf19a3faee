"""What a start page shows: the parameters with the values of the last build (bkci-v3 3.3, operations 21 and 36)."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET

from ferryman.dialects.bkci.v3.wire.builds import BuildManualStartupInfo, Choice, Tree
from ferryman.domain import words
from ferryman.services.starting import Startup

MANUAL = "manualTrigger"
MESSAGE: Tree = {
    "id": "BK_CI_BUILD_MSG",
    "name": "Build message",
    "required": True,
    "type": "STRING",
    "defaultValue": "",
    "value": "",
    "desc": "",
    "readOnly": False,
    "propertyType": "BUILD",
}
"""The one property that every start has."""
MOST_CHOICES = 100


def info_of(startup: Startup) -> BuildManualStartupInfo:
    """What a start page shows."""
    box = startup.model["stages"][0]["containers"][0]
    manual = next(
        (one for one in box["elements"] if one.get("@type") == MANUAL and one.get("elementEnable", True)),
        None,
    )
    number = box.get("buildNo")
    return BuildManualStartupInfo(
        canManualStartup=manual is not None,
        canElementSkip=bool(manual and manual.get("canElementSkip")),
        properties=[dict(MESSAGE), *(_property(each, startup) for each in _asked(box))],
        buildNo=UNSET if number is None else {**number, "currentBuildNo": startup.recommended},
        useLatestParameters=bool(manual and manual.get("useLatestParameters")),
    )


def options_of(startup: Startup, search: str) -> list[Choice]:
    """Choices of all parameters whose key or value holds a text."""
    box = startup.model["stages"][0]["containers"][0]
    found = (
        Choice(key=str(option.get("key", "")), value=str(option.get("value", option.get("key", ""))))
        for each in _asked(box)
        for option in each.get("options", ())
    )
    return [one for one in found if search.lower() in one.key.lower() or search.lower() in one.value.lower()][
        :MOST_CHOICES
    ]


def _asked(box: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A constant is nothing that a start asks for."""
    return (each for each in box.get("params", ()) if not each.get("constant"))


def _property(entry: Mapping[str, Any], startup: Startup) -> Tree:
    name, run = entry["id"], startup.newest
    value = entry.get("defaultValue", "")
    if entry.get("required") and run is not None and name in run.values:
        last = run.values[name]
        value = last == "true" if isinstance(value, bool) else last
    shown = {**entry, "value": value}
    if entry.get("sensitive") or entry.get("type") == "PASSWORD":
        shown |= {key: words.HIDDEN for key in ("defaultValue", "value") if shown.get(key)}
    return shown
