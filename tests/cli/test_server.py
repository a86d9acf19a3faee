"""Words about the server: `config show`, `doctor`, `backup`, `restore`, `connect` (CFG-10, CLI-16, CLI-17, OPS-4)."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ferryman.testing.server import Started, started
from tests.cli.workshop import SECONDS, Workshop


@pytest.fixture
def server(workshop: Workshop) -> Iterator[Started]:
    """A server on the workshop's data folder, at its first start."""
    workshop.environment["FERRYMAN_DATA"] = str(workshop.folder / "data")
    with started(data=workshop.folder / "data", seed=None) as running:
        yield running


def files_of(private: Path) -> set[Path]:
    """All files and folders, save what any reader of a database makes and a supervisor that ends takes away."""
    return {
        place
        for place in private.rglob("*")
        if place.name != "socket" and not place.name.endswith(("-wal", "-shm"))
    }


def test_config_show_tells_each_setting_with_its_source(workshop: Workshop) -> None:
    """CFG-10; secrets are hidden."""
    plugin = '[[plugins]]\ncode = "greeter"\ncommand = ["/bin/greet"]\n'
    workshop.write(
        "s.toml", f'[server]\nport = 9000\n[notify.mail]\nurl = "https://x"\nkey = "hidden-key"\n{plugin}'
    )
    workshop.environment["FERRYMAN_LOG_LEVEL"] = "warning"
    told = {one["name"]: one for one in workshop.json("config", "show", "--config", "s.toml")}
    assert (told["server.port"]["value"], told["server.port"]["source"]) == (
        9000,
        f"{workshop.folder}/s.toml:2",
    )
    assert told["log.level"]["source"] == "FERRYMAN_LOG_LEVEL in the environment"
    assert told["zone"] == {
        "name": "zone",
        "value": "UTC",
        "source": "default",
        "variable": "FERRYMAN_ZONE",
        "allowed": "the name of a time zone, such as Europe/Berlin, or UTC",
    }
    shown = workshop.ran("config", "show", "--config", "s.toml").stdout
    assert "notify.mail.key" in shown
    assert "hidden-key" not in shown
    assert '"command":["/bin/greet"]}' in shown
    assert workshop.ran("config", "show", "--config", "none.toml").returncode == 3


def test_config_show_says_that_a_running_process_goes_by_what_was_set_before(
    server: Started, workshop: Workshop
) -> None:
    """CFG-11: what is shown is what stands there now, which the server has not read."""
    (workshop.folder / "data" / "private" / "ferryman.toml").write_text('zone = "Europe/Berlin"\n')
    told = workshop.ran("config", "show")
    assert "Europe/Berlin" in told.stdout
    assert told.stderr.startswith(f"note: process {server.process.pid} (")
    assert told.stderr.endswith("what has changed counts from its next start\n")
    assert server.stop() == 0
    assert workshop.ran("config", "show").stderr == ""


def test_doctor_finds_nothing_wrong_beside_a_server(server: Started, workshop: Workshop) -> None:
    """CLI-16."""
    told = {one["part"]: one for one in workshop.json("doctor")}
    assert {
        "versions",
        "data folder",
        "database",
        "logs",
        "key file",
        "engine",
        "clock",
        "disk",
        "time zones",
    } <= set(told)
    assert not [one for one in told.values() if one["state"] == "failed"]
    assert str(server.process.pid) in told["data folder"]["said"]
    assert server.address in told["engine"]["said"]


def test_doctor_changes_nothing(workshop: Workshop) -> None:
    """CLI-16. A record of processes that is gone, or damaged, is left so: by that the next start knows that what was to
    run may have run (promise 3)."""
    workshop.environment["FERRYMAN_DATA"] = str(workshop.folder / "data")
    with started(data=workshop.folder / "data", seed=None) as running:
        running.stop()
    private = workshop.folder / "data" / "private"
    book = private / "supervisor" / "book"
    for text in (b"damaged\n", None):
        if text is None:
            shutil.rmtree(book.parent)
        else:
            book.write_bytes(text)
        before = files_of(private)
        told = {one["part"]: one for one in workshop.json("doctor")}
        assert told["engine"]["state"] != "failed"
        assert files_of(private) == before
        assert text is None or book.read_bytes() == text


def test_doctor_says_what_to_do_for_each_fault(workshop: Workshop) -> None:
    """CLI-16: a damaged database or key, a key that is open to others, one that is missing."""
    workshop.environment["FERRYMAN_DATA"] = str(workshop.folder / "data")
    with started(data=workshop.folder / "data", seed=None) as running:
        running.stop()
    private = workshop.folder / "data" / "private"
    (private / "secrets.key").write_text("nonsense")
    told = workshop.ran("doctor")
    assert (told.returncode, f"the key file {private}/secrets.key is damaged" in told.stdout) == (1, True)
    (private / "secrets.key").chmod(0o644)
    told = workshop.ran("doctor")
    assert told.returncode == 1
    assert f"→ chmod 600 {private}/secrets.key" in told.stdout
    (private / "secrets.key").unlink()
    assert "is missing: secrets and access keys cannot be opened" in workshop.ran("doctor").stdout
    with (private / "ferryman.db").open("r+b") as file:
        file.seek(0)
        file.write(b"nonsense")
    told = workshop.ran("doctor")
    assert told.returncode == 1
    assert "→ bring back a backup" in told.stdout
    workshop.environment["FERRYMAN_DATA"] = str(workshop.folder / "none")
    assert workshop.ran("doctor").returncode == 0
    assert not (workshop.folder / "none").exists()


def test_logs_that_are_gone_or_damaged_are_told_as_the_logs(workshop: Workshop) -> None:
    """Without logs all else works, a backup too; of damaged ones it is said whose file that is, and what would help."""
    workshop.environment["FERRYMAN_DATA"] = str(workshop.folder / "data")
    with started(data=workshop.folder / "data", seed=None) as running:
        running.stop()
    logs = workshop.folder / "data" / "private" / "logs.db"
    logs.unlink()
    assert workshop.ran("doctor").returncode == 0
    assert workshop.ran("backup", "without").returncode == 0
    assert not (workshop.folder / "without" / "logs.db").exists()
    assert workshop.ran("restore", "without", "--data", str(workshop.folder / "other")).returncode == 0
    assert workshop.ran("runs", "--data", str(workshop.folder / "other")).returncode == 0
    logs.write_bytes(b"nonsense " * 1_000)
    told = workshop.ran("backup", "damaged")
    assert told.returncode == 6
    assert f"{logs}: it is damaged" in told.stderr
    assert not (workshop.folder / "damaged").exists()
    assert f"→ move {logs} away to go on without the logs in it" in workshop.ran("doctor").stdout


def test_a_backup_made_while_running_comes_back_whole(server: Started, workshop: Workshop) -> None:
    """OPS-4: runs, logs, artifacts and secrets; the token of the first sign-in still works."""
    workshop.write(
        "ship.yaml",
        "version: v3.0\nname: ship\nstages:\n  - name: main\n    jobs:\n      task:\n        steps:\n"
        "          - run: echo ${{ settings.word.value }} | wc -c; echo content > a.txt\n",
    )
    assert (
        workshop.ran("secrets", "set", "word", "--from-file", "-", text="a long enough word").returncode == 0
    )
    assert workshop.ran("run", "ship.yaml").returncode == 0
    contents = workshop.folder / "data" / "private" / "contents"
    (contents / "ab").mkdir()
    (contents / "ab" / "abc").write_bytes(b"content")
    (contents / "new" / "unfinished").write_bytes(b"half")
    assert workshop.ran("backup", "copy", "--with-key").returncode == 0
    told = msgspec.json.decode((workshop.folder / "copy" / "backup.json").read_bytes())
    assert {"ferryman.db", "logs.db", "secrets.key", "contents/ab/abc"} == set(told["files"])
    assert workshop.ran("backup", "copy").returncode == 5
    refused = workshop.ran("restore", "copy")
    assert refused.returncode == 5
    assert f"process {server.process.pid}" in refused.stderr
    token = next(line.split()[1] for line in server.said if line.startswith("  token"))
    restored = ["--data", str(workshop.folder / "other")]
    brought = workshop.ran("restore", "copy", *restored)
    assert brought.returncode == 0
    assert re.match(r"\d+ files restored, \d+\.\d MiB, in \d+\.\d s; ", brought.stdout)
    assert workshop.ran("restore", "copy", *restored).returncode == 5
    assert (workshop.folder / "other/private/contents/ab/abc").read_bytes() == b"content"
    assert "19" in workshop.ran("logs", "latest", *restored).stdout
    assert workshop.ran("run", "ship.yaml", *restored).returncode == 0
    with started(data=workshop.folder / "other", seed=None) as second:
        path = "/api/apigw/v3/projects/local/pipelines"
        assert second.ask("GET", f"{path}?access_token={token}").status == 200
        assert second.ask("GET", f"{path}?access_token=other").status == 400


def test_what_ran_when_a_backup_was_made_does_not_run_again_by_itself(
    server: Started, workshop: Workshop
) -> None:
    """Promise 3: it was begun anew by the first start after the restore, as if it had never begun."""
    pipe, witness = workshop.folder / "pipe", workshop.folder / "witness"
    os.mkfifo(pipe)
    workshop.write(
        "ship.yaml",
        "version: v3.0\nname: ship\nstages:\n  - name: main\n    jobs:\n      task:\n        steps:\n"
        f"          - run: echo began >> '{witness}'; cat '{pipe}'\n",
    )
    assert workshop.ran("run", "--detach", "ship.yaml").returncode == 0
    # The step has opened it too.
    with pipe.open("w"):
        assert workshop.ran("backup", "copy", "--with-key").returncode == 0
        other = ["--data", str(workshop.folder / "other")]
        assert workshop.ran("restore", "copy", *other).returncode == 0
        # The page says so: look whether all is well, then start.
        assert workshop.ran("doctor", *other).returncode == 0
        told = workshop.ran("recover", *other)
        assert "the record of what was begun is gone or damaged: it may have run" in told.stdout
        assert workshop.ran("settle", "latest", "s1/task/t1", "succeeded", *other).returncode == 0
    assert witness.read_text() == "began\n"


def test_a_backup_without_the_key_holds_no_secret(server: Started, workshop: Workshop) -> None:
    """SEC-3: who finds a backup finds no secret; with the key kept elsewhere it is whole."""
    made = workshop.ran("backup", "copy")
    assert made.returncode == 0
    assert "the key is not in it" in made.stderr
    assert not (workshop.folder / "copy" / "secrets.key").exists()
    key = str(workshop.folder / "data" / "private" / "secrets.key")
    assert workshop.ran("restore", "copy", "--data", "other", "--key", key).returncode == 0
    assert workshop.ran("secrets", "list", "--data", "other").returncode == 0
    for file in (workshop.folder / "copy").rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_doctor_tells_of_what_another_key_has_sealed(server: Started, workshop: Workshop) -> None:
    """A start without the old key draws a new one, which opens nothing of what is there."""
    key = workshop.folder / "data" / "private" / "secrets.key"
    server.stop()
    key.unlink()
    with started(data=workshop.folder / "data", seed=None):
        told = workshop.ran("doctor")
    warned = (
        f"warning: 1 access key or secret is sealed with a key that is not in {key}: no such access key signs"
    )
    assert warned in (workshop.folder / "data.log").read_text()
    assert told.returncode == 1
    assert "1 access key or secret is sealed with a key that is not in it" in told.stdout
    assert "→ put the old key file back" in told.stdout


def test_what_is_no_whole_backup_is_refused(server: Started, workshop: Workshop) -> None:
    """All faults together; nothing is changed."""
    assert workshop.ran("backup", "copy", "--with-key").returncode == 0
    copy = workshop.folder / "copy"
    (copy / "logs.db").unlink()
    with (copy / "ferryman.db").open("ab") as file:
        file.write(b"x")
    told = workshop.ran("restore", "copy", "--data", "other")
    assert told.returncode == 1
    assert "ferryman.db: is not as it was" in told.stderr
    assert "logs.db: is missing" in told.stderr
    (copy / "backup.json").write_bytes(
        msgspec.json.encode(
            {"version": "1", "at": 0, "took_ms": 0, "files": {"../x": {"size": 1, "sha256": ""}}}
        )
    )
    assert "../x: leads out of the backup" in workshop.ran("restore", "copy", "--data", "other").stderr
    (copy / "backup.json").write_text("{")
    assert workshop.ran("restore", "copy", "--data", "other").returncode == 1
    assert workshop.ran("restore", "none", "--data", "other").returncode == 3
    assert not (workshop.folder / "other" / "private" / "ferryman.db").exists()


TWO = """
[[project]]
name = "first"
[[project]]
name = "second"
[[principal]]
name = "somebody"
roles = { second = "visitor" }
"""


def test_connect_prints_a_client_of_a_project_that_is_there_where_there_are_several(
    workshop: Workshop,
) -> None:
    """None of them is `local`, and nobody is a member of the first."""
    workshop.environment["FERRYMAN_DATA"] = str(workshop.folder / "data")
    with started(data=workshop.folder / "data", seed=TWO):
        printed = workshop.ran("connect", "bkci").stdout
        assert "/projects/second/" in printed
        assert '"X-DEVOPS-UID": "somebody"' in printed
        assert workshop.ran("connect", "bkci", "--project", "first").returncode != 0


def test_the_client_that_connect_prints_works(server: Started, workshop: Workshop) -> None:
    """In ten lines, with a name that is believed here, with a token, and where a proxy stands before all others."""
    printed = workshop.ran("connect", "bkci").stdout
    assert len([line for line in printed.splitlines() if line]) <= 10
    workshop.write("client.py", printed)
    token = next(line.split()[1] for line in server.said if line.startswith("  token"))
    for environment in ({}, {"FERRYMAN_TOKEN": token}, {"http_proxy": "http://127.0.0.1:1"}):
        told = subprocess.run(
            [sys.executable, str(Path(workshop.folder) / "client.py")],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        assert "'count': 0" in told.stdout
    server.stop()
    refused = workshop.ran("connect", "bkci")
    assert refused.returncode == 6
    assert "no server answers" in refused.stderr
