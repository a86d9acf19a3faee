"""What a step kind is: a frozen declaration of what a user can write behind `uses:`, and what it needs.

A kind owns its name, its settings model, its outputs, what it asks of the world, and `prepare`: the pure function
that makes an action out of settings. Reading and checking what a user wrote is the same for all kinds and lives in
`checking`; carrying an action out is the executors'.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from ferryman.domain.work import Action
from ferryman.steps.order import Order


class Capability(StrEnum):
    """Something of the world a step asks for; a kind is given only what it declares."""

    PROCESS = "process"
    """Start programs on the machine of its job."""
    WORKSPACE = "workspace"
    """Read and write the working folder of its job."""
    NETWORK = "network"
    """Speak to other hosts."""
    REPOSITORY = "repository"
    """Read a source repository."""
    TARGET = "target"
    """Change what is placed in an environment."""
    PLACEMENTS = "placements"
    """Read what is placed in an environment."""
    ARTIFACTS = "artifacts"
    """Read and keep artifacts."""
    CLOCK = "clock"
    """Be woken at a time."""
    VALUES = "values"
    """Ask again for the value of an expression while it waits."""
    PEOPLE = "people"
    """Ask people for a decision."""
    MESSAGES = "messages"
    """Send messages to people."""
    RUNS = "runs"
    """Start and follow another run."""


class Output(msgspec.Struct, frozen=True):
    """One value a step of this kind leaves behind, readable as `steps.ID.outputs.NAME`."""

    name: str
    meaning: str


class Choice(msgspec.Struct, frozen=True):
    """Settings that exclude each other: exactly one of them when `needed`, else at most one."""

    names: tuple[str, ...]
    needed: bool = True


class StepKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of step, as declared by its folder.

    `settings` is a struct class whose encoded field names are the words of the file and whose fields carry
    their help text. `repeatable` says that a lost step may simply run again. `free` says that settings the
    model does not name are kept instead of refused. `expressions` names the settings that are expressions,
    `scripts` those whose text is run as a program. `prepare` takes the typed settings, in which only placeholders of
    credentials are left, and never raises. `lacks` says why such settings can never run on a machine like ours, so that
    it is told before a run; empty: they can. `unheeded` names settings that are taken and given back but change nothing
    here, each with the values that come true all the same: whoever writes another one is told.
    """

    name: str
    summary: str
    settings: type[msgspec.Struct]
    versions: str = "1.*"
    needs_machine: bool
    repeatable: bool = False
    free: bool = False
    choices: tuple[Choice, ...] = ()
    expressions: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    unheeded: Mapping[str, tuple[object, ...]] = {}
    outputs: tuple[Output, ...] = ()
    capabilities: tuple[Capability, ...]
    prepare: Callable[[Any, Order], Action]
    lacks: Callable[[Any], str] = lambda settings: ""
