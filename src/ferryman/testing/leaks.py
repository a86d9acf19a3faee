"""Looking for secrets where none may be: `forms_of` a secret, and `scan` of a whole folder.

Written apart from the masker, so that one may judge the other. Databases are read row by row, since a value may be cut
over pages, and packed texts (zlib) are unpacked.
"""

import base64
import html
import json
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import apsw
import msgspec

BLOCK = 8 * 1024 * 1024
SHORTEST = 4


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """A secret was found: which (by its place among those given), in what form, where."""

    secret: int
    form: str
    place: str


def forms_of(secret: str) -> Mapping[bytes, str]:
    """The ways in which a secret may be written, each with its name; of a secret of several lines also each line's."""
    found: dict[bytes, str] = {}
    whole = secret.strip("\r\n")
    for text in (whole, *(line.strip() for line in whole.splitlines() if not line.startswith("-----"))):
        if len(text.strip()) >= SHORTEST:
            for name, form in _forms(text):
                found.setdefault(form, name)
    return found


def scan(folder: Path, secrets: Iterable[str]) -> list[Leak]:
    """Every place in a folder (names of files, files, rows of databases) where a form of a secret stands."""
    wanted = [
        (number, form, name)
        for number, secret in enumerate(secrets)
        for form, name in forms_of(secret).items()
    ]
    found: dict[Leak, None] = {}
    for place, text in _texts(folder):
        for number, form, name in wanted:
            if form in text:
                found[Leak(secret=number, form=name, place=place)] = None
    return list(found)


def _forms(text: str) -> Iterator[tuple[str, bytes]]:
    raw = text.encode()
    yield "as given", raw
    yield "hex", raw.hex().encode()
    yield "hex", raw.hex().upper().encode()
    for shift in range(3):
        # The digits that other bytes before and behind cannot change.
        digits = base64.b64encode(b"\xff" * shift + raw)[-(-8 * shift // 6) : (shift + len(raw)) * 8 // 6]
        yield "base64", digits
        yield "base64 for addresses", digits.replace(b"+", b"-").replace(b"/", b"_")
    for safe in ("", "/", "!'()*"):
        quoted = urllib.parse.quote(text, safe=safe)
        yield "in an address", quoted.encode()
        yield "in a form", quoted.replace("%20", "+").encode()
        yield "in an address", _lowered(quoted)
    yield "JSON", json.dumps(text)[1:-1].encode()
    yield "JSON", json.dumps(text, ensure_ascii=False)[1:-1].encode()
    yield "JSON", json.dumps(text)[1:-1].replace("/", "\\/").encode()
    yield "XML", html.escape(text, quote=False).encode()
    yield "XML", html.escape(text).encode()
    yield "shell", text.replace("'", "'\\''").encode()
    yield "shell", text.replace("'", "'\"'\"'").encode()
    yield "shell", "".join("\\" + sign if sign in '\\"$`' else sign for sign in text).encode()


def _lowered(quoted: str) -> bytes:
    first, *escapes = quoted.split("%")
    return "%".join((first, *(escape[:2].lower() + escape[2:] for escape in escapes))).encode()


def _texts(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        place = str(path.relative_to(folder))
        yield f"name of {place}", place.encode(errors="surrogateescape")
        if path.is_symlink() or not path.is_file():
            continue
        database = False
        last = b""
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                database = database or (not last and block.startswith(b"SQLite format 3\0"))
                yield place, last + block
                last = block[-64 * 1024 :]
        if database:
            yield from _rows(path, place)


def _rows(path: Path, place: str) -> Iterator[tuple[str, bytes]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        for table in tables:
            quoted = '"' + table.replace('"', '""') + '"'
            for row in connection.execute(f"SELECT * FROM {quoted}"):
                for value in row:
                    if isinstance(value, str):
                        yield f"{place}, table {table}", value.encode(errors="surrogatepass")
                    elif isinstance(value, bytes):
                        yield f"{place}, table {table}", value
                        yield f"{place}, table {table}, unpacked", _unpacked(value)
    finally:
        connection.close()


def _unpacked(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return b""
