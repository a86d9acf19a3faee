"""Put releases of the shop into an environment's folder, switch between them, and check the one that is switched to.

    environment/
      releases/1.0.0-3f2a…/   shop.pyz and config.json: named for its content, never changed
      current                 a link to one of them, switched in one move

Whoever reads `current` sees one release or the other, never half of one. Python's standard library is all it needs.
"""

import argparse
import contextlib
import hashlib
import inspect
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

NOTHING = "none"
"""What stands for the release of an environment that has none."""

PATIENCE = 20.0
"""Seconds within which the shop has to start, and to answer each question."""

KEPT = 3
"""How many of the newest releases stay."""


def put(folder: Path, package: Path, digest: str, config: Path, version: str) -> str:
    """Put a package with its configuration beside the releases that are there; its name.

    The package must have the digest. Putting the same again changes nothing.
    """
    content = package.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        sys.exit(f"{package.name} is not the package that was built: its digest is {found}, wanted {digest}")
    settings = config.read_bytes()
    name = f"{version}-{hashlib.sha256(content + settings).hexdigest()[:12]}"
    release = folder / "releases" / name
    release.parent.mkdir(parents=True, exist_ok=True)
    if not release.exists():
        begun = Path(tempfile.mkdtemp(prefix=".begun-", dir=release.parent))
        (begun / "shop.pyz").write_bytes(content)
        (begun / "config.json").write_bytes(settings)
        begun.chmod(0o755)
        begun.rename(release)
    os.utime(release)
    return name


def current(folder: Path) -> str:
    """The name of the release that is switched to, or `none`."""
    link = folder / "current"
    return Path(os.readlink(link)).name if link.is_symlink() else NOTHING


def switch(folder: Path, name: str) -> str:
    """Switch to a release (to no release: `none`) in one move; the name of the one before."""
    before, link = current(folder), folder / "current"
    if name == NOTHING:
        link.unlink(missing_ok=True)
        return before
    if not (folder / "releases" / name).is_dir():
        sys.exit(f"there is no release {name} in {folder}")
    beside = folder / f".current-{os.getpid()}"
    beside.symlink_to(Path("releases") / name)
    beside.replace(link)
    return before


def check(folder: Path, version: str) -> None:
    """Start the release that is switched to, ask for its health and its version, and stop it again."""
    with started(folder / "current") as address:
        print(f"{current(folder)} serves {address}")
        faults = [fault for fault in (unfit(address), outdated(address, version)) if fault]
    if faults:
        sys.exit("\n".join(faults))


@contextlib.contextmanager
def started(release: Path) -> Iterator[str]:
    """The release as a process of its own, ended when we leave; its address."""
    command = [sys.executable, str(release / "shop.pyz"), str(release / "config.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        guard = threading.Timer(PATIENCE, process.kill)
        guard.start()
        try:
            # It listens before it prints; one that says nothing in time is killed, which ends the line too.
            address = process.stdout.readline().strip() if process.stdout else ""
            guard.cancel()
            if not address:
                sys.exit(f"{release.resolve().name} did not start: it told no address within {PATIENCE:g} s")
            yield address
        finally:
            guard.cancel()
            process.kill()


def unfit(address: str) -> str:
    """Why the shop is not healthy, or empty."""
    status, told = ask(f"{address}/health")
    return "" if status == 200 else f"health: {status}, {told.get('because', told)}"


def outdated(address: str, version: str) -> str:
    """Why this is not the version wanted, or empty."""
    told = ask(f"{address}/version")[1]
    found = told.get("version")
    return "" if found == version else f"version: {found}, wanted {version}"


def ask(address: str) -> tuple[int, dict[str, str]]:
    """Status and content of one answer; status 0 and the reason where none comes."""
    try:
        with urlopen(address, timeout=PATIENCE) as reply:
            status, body = reply.status, reply.read()
    except HTTPError as refusal:
        with refusal:
            status, body = refusal.code, refusal.read()
    except OSError as fault:
        return 0, {"because": f"no answer from {address}: {fault}"}
    print(f"GET {address}: {status} {body.decode()}")
    return status, json.loads(body)


def sweep(folder: Path) -> None:
    """Remove what a crash left half done, and old releases; never the one that is switched to."""
    releases = folder / "releases"
    if not releases.is_dir():
        return
    for leftover in [*folder.glob(".current-*"), *releases.glob(".begun-*")]:
        remove(leftover)
    known = sorted(releases.iterdir(), key=lambda release: release.stat().st_mtime, reverse=True)
    for release in known[KEPT:]:
        if release.name != current(folder):
            remove(release)


def remove(path: Path) -> None:
    """Remove a link or a folder, and say so."""
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path)
    print(f"removed {path.name}")


WORDS: "dict[str, Callable[..., str | None]]" = {
    "put": put,
    "switch": switch,
    "current": current,
    "check": check,
    "sweep": sweep,
}
"""What can be asked for on the command line; the arguments are those of the function, in order."""


def main() -> None:
    """Do the word of the command line, and print what it gives."""
    parser = argparse.ArgumentParser(description="Releases of the shop in an environment's folder.")
    words = parser.add_subparsers(dest="word", required=True)
    for word, function in WORDS.items():
        one = words.add_parser(word, help=function.__doc__)
        for name, parameter in inspect.signature(function).parameters.items():
            one.add_argument(name, type=parameter.annotation)
    given = vars(parser.parse_args())
    result = WORDS[given.pop("word")](**given)
    if result is not None:
        print(result)


if __name__ == "__main__":
    main()
