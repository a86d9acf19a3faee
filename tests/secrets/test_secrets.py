"""Secrets: written once, sealed, used by name, never shown again (SEC-1, SEC-3, LOG-6, LOG-7)."""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from msgspec.structs import replace

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Invalid, NotFound, Refused, Unavailable
from ferryman.ports.secrets import SecretRow, SecretRows, SecretUse
from ferryman.secrets import KeyFile, SecretStore
from ferryman.stores.sqlite import SqliteStore
from ferryman.testing.leaks import scan

VALUES = {"username": "deployer-7", "password": "hunter-2/ö&x", "token": "t0ken-abcdef"}
KEY = base64.b64encode(bytes(32)).decode()


class Uses:
    """Remembers every use."""

    def __init__(self) -> None:
        """None yet."""
        self.seen: list[SecretUse] = []

    async def record(self, use: SecretUse) -> None:
        """Keep a use."""
        self.seen.append(use)


class Still:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """Somewhere in the past."""
        self.at = 1234

    def now(self) -> int:
        """Always the same."""
        return self.at

    async def sleep_until(self, at: int) -> None:
        """At once."""


class Place:
    """A store of secrets with all that it stands on."""

    def __init__(self, folder: Path, store: SqliteStore) -> None:
        """Keys beside the data folder, rows in it."""
        self.keys = KeyFile(folder / "keys" / "secrets.key")
        self.keys.open()
        self.rows = store.secrets
        self.uses = Uses()
        self.clock = Still()
        self.secrets = SecretStore(self.rows, self.uses, self.keys, self.clock)


def play(folder: Path, scenario: Callable[[Place], Awaitable[None]]) -> None:
    """Play a scenario over a real store."""

    async def opened() -> None:
        store = SqliteStore(folder / "data")
        await store.open()
        try:
            await scenario(Place(folder, store))
        finally:
            await store.close()

    asyncio.run(opened())


def test_a_secret_is_used_by_name_and_every_use_is_recorded(tmp_path: Path) -> None:
    """SEC-1: who used which, when, in which run."""

    async def scenario(place: Place) -> None:
        assert await place.secrets.write("local", "push", VALUES, by="ada") == ()
        assert await place.secrets.resolve("local", "push", "token", run="r1", key="a#1.1") == "t0ken-abcdef"
        assert place.uses.seen == [
            SecretUse(project="local", name="push", field="token", run="r1", key="a#1.1", at=1234)
        ]
        assert await place.secrets.values("local") == tuple(VALUES.values())
        assert await place.secrets.values("far") == ()

    play(tmp_path, scenario)


def test_a_listing_holds_no_value(tmp_path: Path) -> None:
    """SEC-1: written once and never shown again."""

    async def scenario(place: Place) -> None:
        await place.secrets.write("local", "push", VALUES, by="ada")
        (shown,) = await place.secrets.names("local")
        assert (shown.name, shown.fields, shown.at, shown.by) == ("push", tuple(VALUES), 1234, "ada")
        assert not any(value in str(shown) for value in VALUES.values())

    play(tmp_path, scenario)


def test_writing_again_replaces_the_whole_secret_and_removing_ends_it(tmp_path: Path) -> None:
    async def scenario(place: Place) -> None:
        await place.secrets.write("local", "push", VALUES, by="ada")
        await place.secrets.write("local", "push", {"value": "another-one"}, by="bob")
        with pytest.raises(NotFound, match="no field token; it has value"):
            await place.secrets.resolve("local", "push", "token", run="r", key="k")
        await place.secrets.remove("local", "push")
        with pytest.raises(NotFound, match="push"):
            await place.secrets.resolve("local", "push", "value", run="r", key="k")
        with pytest.raises(NotFound):
            await place.secrets.remove("local", "push")
        assert place.uses.seen == [], "what was not given was not used"

    play(tmp_path, scenario)


def test_what_is_masked_is_what_is_kept_at_that_moment(tmp_path: Path) -> None:
    """LOG-6: a value is masked from the moment it can be used, whoever looked while it was written."""

    async def scenario(place: Place) -> None:
        assert await place.secrets.values("local") == ()
        await place.secrets.write("local", "push", {"value": "the-first"}, by="ada")
        assert await place.secrets.values("local") == ("the-first",)
        changes: tuple[Awaitable[object], ...] = (
            place.secrets.write("local", "push", {"value": "the-second"}, by="ada"),
            place.secrets.write("local", "pull", {"value": "the-third"}, by="ada"),
            place.secrets.remove("local", "push"),
        )
        for change, kept in zip(
            changes, ({"the-second"}, {"the-second", "the-third"}, {"the-second", "the-third"}), strict=True
        ):
            changing = asyncio.ensure_future(change)
            while not changing.done():
                await place.secrets.values("local")
                await asyncio.sleep(0)
            assert set(await place.secrets.values("local")) == {"the-first", *kept}

    play(tmp_path, scenario)


class Held:
    """Rows that are kept, and told, when a test lets them be: as where another thread does it."""

    def __init__(self, rows: Any) -> None:
        """Over these, at first without delay."""
        self.rows = rows
        self.keeping, self.telling = asyncio.Event(), asyncio.Event()
        self.begun, self.kept, self.read = asyncio.Event(), asyncio.Event(), asyncio.Event()
        """Set when a row is to be kept, when it is kept, and when rows were read that are not told yet."""

    async def keep(self, row: SecretRow, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Who stops waiting does not stop it."""
        await asyncio.shield(asyncio.ensure_future(self._keep(row)))

    async def _keep(self, row: SecretRow) -> None:
        self.begun.set()
        await self.keeping.wait()
        await self.rows.keep(row)
        self.kept.set()

    async def every(self, project: str) -> Sequence[SecretRow]:
        """Read now; the first time after a row is to be kept, told later."""
        found: Sequence[SecretRow] = await self.rows.every(project)
        if self.begun.is_set() and not self.read.is_set():
            self.read.set()
            await self.telling.wait()
        return found


def test_what_was_read_while_a_value_was_written_is_not_remembered(tmp_path: Path) -> None:
    """LOG-6: nor where it is told after the writing has ended."""

    async def scenario(place: Place) -> None:
        await place.secrets.write("local", "push", {"value": "the-first"}, by="ada")
        held = Held(place.rows)
        secrets = SecretStore(cast("SecretRows", held), place.uses, place.keys, Still())
        writing = asyncio.ensure_future(secrets.write("local", "push", {"value": "the-second"}, by="ada"))
        await held.begun.wait()
        reading = asyncio.ensure_future(secrets.values("local"))
        await held.read.wait()
        held.keeping.set()
        await writing
        held.telling.set()
        await reading
        assert await secrets.values("local") == ("the-second", "the-first")

    play(tmp_path, scenario)


def test_a_writing_whose_asker_has_gone_is_still_one(tmp_path: Path) -> None:
    """LOG-6: it may be kept after the asker has gone, and is masked from then on."""

    async def scenario(place: Place) -> None:
        await place.secrets.write("local", "push", {"value": "the-first"}, by="ada")
        held = Held(place.rows)
        held.telling.set()
        secrets = SecretStore(cast("SecretRows", held), place.uses, place.keys, Still())
        writing = asyncio.ensure_future(secrets.write("local", "push", {"value": "the-second"}, by="ada"))
        await held.begun.wait()
        writing.cancel()
        assert await secrets.values("local") == ("the-first",)
        held.keeping.set()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await held.kept.wait()
        assert await secrets.values("local") == ("the-second", "the-first")

    play(tmp_path, scenario)


def test_what_was_replaced_or_removed_is_masked_for_as_long_as_a_job_may_last(tmp_path: Path) -> None:
    """LOG-6: a step that was given it may still run."""

    async def scenario(place: Place) -> None:
        await place.secrets.write("local", "push", {"username": "deployer-7", "token": "the-first"}, by="ada")
        await place.secrets.write(
            "local", "push", {"username": "deployer-7", "token": "the-second"}, by="bob"
        )
        await place.secrets.remove("local", "push")
        masked = ("the-first", "deployer-7", "the-second")
        assert await place.secrets.values("local") == masked
        assert await place.secrets.values("far") == ()
        place.clock.at += 7 * 24 * 3_600_000
        await place.secrets.write("local", "other", {"value": "no-matter"}, by="ada")
        assert await place.secrets.values("local") == ("no-matter", *masked)
        place.clock.at += 1
        await place.secrets.write("local", "other", {"value": "no-matter"}, by="ada")
        assert await place.secrets.values("local") == ("no-matter",)

    play(tmp_path, scenario)


def test_what_was_replaced_can_neither_be_listed_nor_used(tmp_path: Path) -> None:
    """SEC-1."""

    async def scenario(place: Place) -> None:
        await place.secrets.write("local", "push", {"value": "the-first"}, by="ada")
        await place.secrets.write("local", "push", {"value": "the-second"}, by="ada")
        (shown,) = await place.secrets.names("local")
        assert shown.name == "push"
        former = next(row.name for row in await place.rows.every("local") if row.name != "push")
        with pytest.raises(NotFound):
            await place.secrets.resolve("local", former, "value", run="r", key="k")
        with pytest.raises(NotFound):
            await place.secrets.remove("local", former)

    play(tmp_path, scenario)


def test_of_what_was_replaced_often_the_last_ten_are_masked(tmp_path: Path) -> None:
    async def scenario(place: Place) -> None:
        for number in range(30):
            await place.secrets.write("local", "push", {"value": f"value-{number:02}"}, by="ada")
            await place.secrets.write("local", "push-2", {"value": f"other-{number:02}"}, by="ada")
        assert {f"{word}-{number:02}" for number in range(19, 30) for word in ("value", "other")} == set(
            await place.secrets.values("local")
        )

    play(tmp_path, scenario)


def test_what_was_replaced_and_whose_key_is_lost_keeps_nothing_from_being_masked(tmp_path: Path) -> None:
    """What can be opened is still masked, and sealed with another key when that is wanted."""

    async def scenario(place: Place) -> None:
        await place.secrets.write("local", "push", {"value": "the-first"}, by="ada")
        await place.secrets.write("local", "push", {"value": "the-second"}, by="ada")
        place.keys.path.unlink()
        again = KeyFile(place.keys.path)
        again.open()
        secrets = SecretStore(place.rows, place.uses, again, place.clock)
        await secrets.write("local", "push", {"value": "the-third"}, by="ada")
        assert await secrets.values("local") == ("the-third",)
        await secrets.write("local", "push", {"value": "the-fourth"}, by="ada")
        assert await secrets.rotate(["local"]) == 1
        assert await secrets.values("local") == ("the-fourth", "the-third")
        assert len(await place.rows.every("local")) == 2

    play(tmp_path, scenario)


def test_the_data_folder_reveals_no_secret(tmp_path: Path) -> None:
    """SEC-3: a backup without the key reveals none; equal values do not look alike."""

    async def scenario(place: Place) -> None:
        await place.secrets.write("local", "push", VALUES, by="ada")
        await place.secrets.write("local", "pull", VALUES, by="ada")
        await place.secrets.write("local", "push", {**VALUES, "value": "x-y-z-last"}, by="ada")
        assert scan(tmp_path / "data", [*VALUES.values(), "x-y-z-last"]) == []

    play(tmp_path, scenario)
    assert scan(tmp_path / "data", [*VALUES.values(), "x-y-z-last"]) == []


@pytest.mark.parametrize(
    "change", ["another project", "another name", "another field", "another key", "a bit"]
)
def test_a_sealed_value_opens_only_where_it_belongs(tmp_path: Path, change: str) -> None:
    """Nobody who can write into the database can make a secret of one place show up in another."""

    async def scenario(place: Place) -> None:
        await place.secrets.write("local", "push", {"token": "t0ken-abcdef"}, by="ada")
        row = await place.rows.read("local", "push")
        sealed = msgspec.msgpack.decode(row.sealed)
        nonce, text = sealed["fields"]["token"]
        project, name, field = "local", "push", "token"
        if change == "another project":
            project = "far"
        elif change == "another name":
            name = "pull"
        elif change == "another field":
            field = "value"
        elif change == "another key":
            sealed["key_id"] = place.keys.add()
        else:
            text = bytes([text[0] ^ 1]) + text[1:]
        sealed["fields"] = {field: (nonce, text)}
        await place.rows.keep(replace(row, project=project, name=name, sealed=msgspec.msgpack.encode(sealed)))
        with pytest.raises(Unavailable, match="cannot open"):
            await place.secrets.resolve(project, name, field, run="r", key="k")

    play(tmp_path, scenario)


def test_a_damaged_row_is_told(tmp_path: Path) -> None:
    async def scenario(place: Place) -> None:
        row = SecretRow(project="local", name="push", sealed=b"\xff", created_at=1, created_by="ada")
        await place.rows.keep(row)
        with pytest.raises(Unavailable, match="push is damaged; write the secret again"):
            await place.secrets.resolve("local", "push", "token", run="r", key="k")

    play(tmp_path, scenario)


def test_the_key_can_be_changed_without_stopping(tmp_path: Path) -> None:
    """SEC-3; what the old key sealed opens no more once it is forgotten, what was written meanwhile does."""

    async def scenario(place: Place) -> None:
        for name in ("a", "b"):
            await place.secrets.write("local", name, VALUES, by="ada")
        await place.secrets.write("far", "c", VALUES, by="bob")
        before = await place.rows.read("local", "a")
        beside = KeyFile(place.keys.path)
        beside.open()
        rotated, _ = await asyncio.gather(
            place.secrets.rotate(["local", "far"]),
            place.secrets.write("local", "d", {"value": "written-meanwhile"}, by="eve"),
        )
        assert rotated == 3
        (shown, *_) = await place.secrets.names("local")
        assert (shown.at, shown.by) == (1234, "ada"), "who wrote it stays told"
        for project, name in (("local", "a"), ("local", "b"), ("far", "c")):
            value = await place.secrets.resolve(project, name, "password", run="r", key="k")
            assert value == VALUES["password"]
        assert await place.secrets.resolve("local", "d", "value", run="r", key="k") == "written-meanwhile"
        assert beside.key(place.keys.current[0]) == place.keys.current[1], (
            "another process learns of the new key"
        )
        await place.rows.keep(before)
        with pytest.raises(Unavailable, match=r"is not in .*put that key file back"):
            await place.secrets.resolve("local", "a", "token", run="r", key="k")

    play(tmp_path, scenario)


def test_an_interrupted_change_of_key_loses_nothing(tmp_path: Path) -> None:
    async def scenario(place: Place) -> None:
        await place.secrets.write("local", "a", VALUES, by="ada")
        place.keys.add()
        await place.secrets.write("local", "b", VALUES, by="ada")
        again = KeyFile(place.keys.path)
        again.open()
        secrets = SecretStore(place.rows, place.uses, again, Still())
        for name in ("a", "b"):
            assert await secrets.resolve("local", name, "token", run="r", key="k") == VALUES["token"]
        assert await secrets.rotate(["local"]) == 2
        assert await secrets.values("local") == (*VALUES.values(), *VALUES.values())

    play(tmp_path, scenario)


@pytest.mark.parametrize(
    ("name", "fields", "paths"),
    [
        pytest.param("1st", {"value": "long-enough"}, ["name"], id="a name that no expression could write"),
        pytest.param("a b", {"value": "long-enough"}, ["name"], id="a blank in the name"),
        pytest.param("x" * 65, {"value": "long-enough"}, ["name"], id="a long name"),
        pytest.param("ok", {}, ["fields"], id="no field"),
        pytest.param(
            "ok",
            {"pin": "long-enough", "value": " "},
            ["fields.pin", "fields.value"],
            id="all faults at once",
        ),
        pytest.param("ok", {"password": "Password"}, ["fields.password"], id="a common word"),
        pytest.param("ok", {"value": "x" * 65537}, ["fields.value"], id="a long value"),
        pytest.param(
            "ok", {"value": "nul\0nul"}, ["fields.value"], id="a value that no environment could hold"
        ),
        pytest.param("ok", {"value": "half \ud800 sign"}, ["fields.value"], id="a value that is no text"),
    ],
)
def test_what_cannot_be_a_secret_is_refused(
    tmp_path: Path, name: str, fields: dict[str, str], paths: list[str]
) -> None:
    """LOG-7; and no message holds a value."""

    async def scenario(place: Place) -> None:
        with pytest.raises(Invalid) as refused:
            await place.secrets.write("local", name, fields, by="ada")
        assert [problem.path for problem in refused.value.problems] == paths
        assert not any(value in str(refused.value) for value in fields.values() if value.strip())
        assert await place.secrets.names("local") == []

    play(tmp_path, scenario)


@pytest.mark.parametrize(
    ("fields", "remark"),
    [
        (
            {"value": "abc"},
            "value has fewer than 4 characters and cannot be masked safely: it may show up in logs",
        ),
        ({"username": "root"}, "username is a common word and is not masked"),
        (
            {"privateKey": "long line\nab\nlong line"},
            "privateKey has lines of fewer than 4 characters, masked only together with the others",
        ),
    ],
)
def test_what_cannot_be_masked_is_named_when_it_is_saved(
    tmp_path: Path, fields: dict[str, str], remark: str
) -> None:
    """LOG-6."""

    async def scenario(place: Place) -> None:
        assert await place.secrets.write("local", "s", fields, by="ada") == (remark,)

    play(tmp_path, scenario)


def test_the_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """It is made at first use; wider rights, a link and another owner are refused."""
    path = tmp_path / "deep" / "secrets.key"
    KeyFile(path).open()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [entry.name for entry in path.parent.iterdir()] == ["secrets.key"]
    first = path.read_bytes()
    KeyFile(path).open()
    assert path.read_bytes() == first
    for mode in (0o640, 0o604, 0o620, 0o610):
        path.chmod(mode)
        with pytest.raises(Refused, match=f"open to others \\(mode 0{mode:o}\\); chmod 600 it"):
            KeyFile(path).open()
    path.chmod(0o600)
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(Unavailable, match="cannot read the key file"):
        KeyFile(link).open()
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo, 0o600)
    with pytest.raises(Refused, match="no plain file"):
        KeyFile(fifo).open()


def test_a_key_file_that_is_a_link_is_told_as_that(tmp_path: Path) -> None:
    """It was said that there were too many links."""
    KeyFile(tmp_path / "kept.key").open()
    (tmp_path / "secrets.key").symlink_to(tmp_path / "kept.key")
    with pytest.raises(Unavailable, match=r"is a link to .*kept.key; put the file itself in its place"):
        KeyFile(tmp_path / "secrets.key").open()


def test_a_key_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secrets.key"
    KeyFile(path).open()
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    with pytest.raises(Refused, match=f"belongs to user {mine}, not to {mine + 1}"):
        KeyFile(path).open()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        '{"current": "a", "keys": {}}',
        '{"current": "a", "keys": {"a": "c2hvcnQ="}}',
        '{"current": "a", "keys": {"a": "no base64!"}}',
        '{"current": "a", "keys": {"a": "ä"}}',
        f'{{"version": 2, "current": "a", "keys": {{"a": "{KEY}"}}}}',
        f'{{"current": "b", "keys": {{"a": "{KEY}"}}}}',
    ],
)
def test_a_damaged_key_file_is_told_and_never_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(Unavailable, match="the key file"):
        KeyFile(path).open()
    assert path.read_text() == text
