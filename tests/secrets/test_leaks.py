"""The scan for leaks finds what it should, wherever it stands."""

import base64
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from ferryman.logs.forms import forms
from ferryman.testing.leaks import Leak, forms_of, scan

SECRET = "hunter-2/ö&x"


def in_a_row(path: Path, value: str | bytes) -> None:
    """Put a value into a new database."""
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE t (a)")
    connection.execute("INSERT INTO t VALUES (?)", (value,))
    connection.close()


@pytest.mark.parametrize(
    ("leak", "form", "place"),
    [
        pytest.param(lambda at: (at / "f").write_text(f"a {SECRET} b"), "as given", "f", id="a file"),
        pytest.param(
            lambda at: (at / "f").write_bytes(os.urandom(9) + base64.b64encode(b"me:" + SECRET.encode())),
            "base64",
            "f",
            id="another form",
        ),
        pytest.param(
            lambda at: (at / "x hunter-2%2F%C3%B6%26x").touch(),
            "in an address",
            "name of x hunter-2%2F%C3%B6%26x",
            id="a name",
        ),
        pytest.param(
            lambda at: in_a_row(at / "d", zlib.compress(os.urandom(50_000) + SECRET.encode())),
            "as given",
            "d, table t, unpacked",
            id="packed in a row",
        ),
        pytest.param(
            lambda at: (at / "f").write_bytes(b"x" * (8 * 1024 * 1024 - 3) + SECRET.encode()),
            "as given",
            "f",
            id="between two blocks",
        ),
    ],
)
def test_a_leak_is_found(tmp_path: Path, leak: Callable[[Path], object], form: str, place: str) -> None:
    leak(tmp_path)
    assert Leak(secret=1, form=form, place=place) in scan(tmp_path, ["another-secret", SECRET])


def test_a_clean_folder_has_none(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("nothing here")
    in_a_row(tmp_path / "d", "nor here")
    assert scan(tmp_path, [SECRET, "a\nb"]) == []


@pytest.mark.parametrize("secret", [SECRET, "two lines\nof a 'key'", '"quoted" <x> $HOME `id`'])
def test_each_form_that_is_looked_for_is_masked(secret: str) -> None:
    """The two lists were written apart; what one knows the other covers."""
    masked = forms(secret)
    assert not [name for form, name in forms_of(secret).items() if not any(known in form for known in masked)]
