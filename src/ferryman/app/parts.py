"""The parts of a house, as its health and its front page see them (OPS-1, OPS-7)."""

import asyncio
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ferryman.api.health import Check, Part
from ferryman.app.house import House
from ferryman.domain.access import Project
from ferryman.domain.errors import FerrymanError
from ferryman.domain.views import RunLine
from ferryman.services import LOCAL, Caller

LOW_BYTES, LOW_SHARE = 1024**3, 0.05
"""Below both of these the disk is nearly full."""
NONE_BYTES = 50 * 1024**2
"""Below this nothing more is begun."""
ASTRAY = 60.0
"""Seconds by which the system's clock may leave the time that has really passed."""


def checks(house: House) -> Mapping[str, Check]:
    """What tells of each part."""
    began = _lead()

    async def database() -> Part:
        try:
            await house.store.read(_nothing)
            await house.store.write(_nothing)
        except FerrymanError:
            return Part("failed", "it can be neither read nor written now; the server's log tells why")
        return Part()

    async def supervisor() -> Part:
        try:
            await house.processes.follow(())
        except FerrymanError:
            return Part("failed", "it does not answer, so no step can be started; start the server again")
        return Part("warning", "steps could read Ferryman's own files here") if house.exposed else Part()

    async def disk() -> Part:
        return await asyncio.to_thread(disk_of, house.settings.data)

    async def clock() -> Part:
        gone = abs(_lead() - began)
        if gone > ASTRAY:
            return Part(
                "warning", f"the system's clock was moved by {gone:.0f} s; times in runs jump by that"
            )
        return Part()

    return {"database": database, "supervisor": supervisor, "disk": disk, "clock": clock}


def disk_of(folder: Path) -> Part:
    """How full the disk is that a folder is on."""
    try:
        total, _, free = shutil.disk_usage(folder)
        writable = os.access(folder, os.W_OK)
    except OSError:
        return Part("failed", "the data folder cannot be looked at")
    if not writable:
        return Part("failed", "the data folder cannot be written")
    left = f"{free / 1024**2:.0f} MiB are free"
    if free < NONE_BYTES:
        return Part("failed", f"the disk is full: {left}; make room")
    if free < LOW_BYTES and free < total * LOW_SHARE:
        return Part("warning", f"the disk is nearly full: {left}; make room")
    return Part()


async def newest_runs(house: House, most: int) -> Sequence[tuple[str, RunLine]]:
    """The newest runs of all projects, with the names of these."""
    assert house.services is not None
    names = {LOCAL, *(project.name for project in house.access.register.index.every(Project))}
    found: list[tuple[str, RunLine]] = []
    for name in sorted(names):
        lines = await house.services.runs.list(Caller(name="", project=name), limit=most)
        found += [(name, line) for line in lines]
    return sorted(found, key=lambda one: (-one[1].queued_at, one[1].id))[:most]


def _nothing(connection: Any) -> None:
    connection.execute("SELECT 1").fetchall()


def _lead() -> float:
    """By how much the system's clock is ahead of the time since the machine was started."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
