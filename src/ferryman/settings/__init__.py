"""Settings: every one of them, typed, with its origin: flags count before the environment, that before the file.

    shapes   what can be set
    options  the single settings, by name: variable of the environment, what is allowed
    tables   what else can be wrong in the file: names, groups, tables whose keys are the user's own
    places   where in the file a setting stands
    reading  from file, environment and flags to `Settings`; refused with name, value, what is allowed, and origin
    showing  each setting with its value and its origin, secrets hidden

The file is TOML: `--config`, else `$FERRYMAN_SETTINGS`, else `private/ferryman.toml` in the data folder, where steps
cannot change it; without one everything has its default. All settings are read at the start of a process.
"""

from ferryman.settings.reading import DATA_VARIABLE, FILE_VARIABLE, ZONE_VARIABLE, read
from ferryman.settings.shapes import (
    DATA_DEFAULT,
    FILE_NAME,
    LOOPBACK,
    BkCi,
    Fetch,
    File,
    Log,
    Logs,
    Plugin,
    Runs,
    Sender,
    Server,
    Settings,
)
from ferryman.settings.showing import Shown, shown

__all__ = [
    "DATA_DEFAULT",
    "DATA_VARIABLE",
    "FILE_NAME",
    "FILE_VARIABLE",
    "LOOPBACK",
    "ZONE_VARIABLE",
    "BkCi",
    "Fetch",
    "File",
    "Log",
    "Logs",
    "Plugin",
    "Runs",
    "Sender",
    "Server",
    "Settings",
    "Shown",
    "read",
    "shown",
]
