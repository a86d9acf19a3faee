"""Tables for the house rules: who may import whom, what a pure room may touch, whose words stay where."""


def words(*lines: str) -> frozenset[str]:
    """The words of these lines, as a set."""
    return frozenset(" ".join(lines).split())


# Room → rooms it may import besides itself. A room not named here does not exist: name it when you build it.
MAY_IMPORT: dict[str, frozenset[str]] = {
    room: words(allowed)
    for room, allowed in {
        "domain": "",
        "expressions": "domain",
        "machine": "domain expressions",
        "ports": "domain expressions",
        "steps": "domain expressions",
        "definition": "domain expressions steps",
        "logs": "domain ports",
        # What can be masked decides what may be a secret.
        "secrets": "domain ports logs",
        "services": "domain machine ports steps definition logs secrets",
        "drivers": "domain machine ports",
        "stores": "domain ports",
        "executors": "domain expressions ports",
        "supervisor": "domain ports",
        "targets": "domain ports",
        "checks": "domain ports",
        # HTTP as plain ASGI, shared by whoever answers it.
        "asgi": "",
        "dialects": "domain services asgi",
        "api": "domain services settings observability asgi",
        "web": "domain services",
        "client": "domain",
        "cli": "client app domain definition machine settings observability",
        "testing": "domain machine ports",
        "settings": "domain",
        "observability": "domain settings",
        "pages": "",
        "__main__": "cli",
        "__init__": "",
    }.items()
}
# Assembly knows every room.
MAY_IMPORT["app"] = frozenset(MAY_IMPORT) - {"pages", "__main__", "__init__"}

# Single modules that may import more than their room.
MAY_ALSO_IMPORT: dict[str, frozenset[str]] = {
    "ferryman.testing.server": frozenset({"app", "drivers", "services", "settings"}),
    # Page generators share their marks and tables; nothing else of the product knows of them.
    "ferryman.steps.pages": frozenset({"pages"}),
    "ferryman.machine.pages": frozenset({"pages"}),
    "ferryman.cli.pages": frozenset({"pages"}),
    "ferryman.definition.pages": frozenset({"pages"}),
    "ferryman.services.pages": frozenset({"pages"}),
    "ferryman.dialects.pages": frozenset({"pages"}),
}

# Rooms whose folders are neighbors: none imports another, save the folders they share.
NEIGHBORS: dict[str, frozenset[str]] = {
    # Wire models are what the folders of a dialect speak of.
    "dialects": frozenset({"wire"}),
    "stores": frozenset({"sql"}),
    "drivers": frozenset(),
    "executors": frozenset(),
    "targets": frozenset(),
    "checks": frozenset(),
}

# Rooms where a heavy import may sit inside a command, so that `--help` stays quick.
LATE_IMPORTS = frozenset({"cli", "__main__"})

# Standard-library modules that hold neither clock nor chance, neither disk nor wire.
PURE_STANDARD = words(
    "__future__ abc base64 binascii bisect collections copy dataclasses decimal difflib enum fractions",
    "functools graphlib hashlib heapq itertools json math operator re string textwrap types typing",
    "unicodedata urllib.parse",
)

# Pure room → everything from outside that it may import.
PURE_ROOMS: dict[str, frozenset[str]] = {
    "domain": PURE_STANDARD | {"msgspec"},
    "machine": PURE_STANDARD | {"msgspec"},
    # strToTime reads a date in a given zone, so the types of time are allowed; its clock is not.
    "expressions": PURE_STANDARD | {"datetime", "zoneinfo"},
}

# Rooms that never read a clock, draw a number, open a file or print, whatever they import.
CALM_ROOMS = frozenset({"domain", "expressions", "machine", "steps", "definition", "ports"})

# A call by one of these names (whole, or up to the dot) is a clock, chance, a disk or a screen.
WORLDLY_CALLS = words(
    "time random secrets os socket subprocess threading asyncio logging uuid.uuid1 uuid.uuid4 open print",
    "input datetime.now datetime.utcnow datetime.today date.today",
    "datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today",
)

# Packages where a vendor's words are at home: the wire models, and each folder below `dialects`.
VENDOR_HOMES = ("ferryman.definition.model.*", "ferryman.dialects.?*.*")

# The table of words that pipeline files themselves use: they are ours to say, wherever they come from.
FILE_WORDS = "ferryman.domain.words"

# Where a file is read as a file: the upper-case words it may hold are at home there, camelCase ones are not.
FILE_FORMAT = ("ferryman.definition.file.*",)

# Words that look like a vendor's but belong to JSON Schema or Python.
COMMON_WORDS = words(
    "additionalProperties allOf anyOf oneOf patternProperties propertyNames minItems maxItems uniqueItems",
    "minLength maxLength minProperties maxProperties exclusiveMinimum exclusiveMaximum multipleOf readOnly",
    "writeOnly GET PUT POST HEAD PATCH DELETE OPTIONS HTTP JSON YAML PATH HOME UTF UTC TEXT AND NOT",
)
