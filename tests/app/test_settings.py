"""Settings: where they come from, and what is said of wrong ones (START-6, CFG-10)."""

import os
import re
from pathlib import Path

import pytest

from ferryman import settings
from ferryman.domain.errors import Forbidden, Invalid, NotFound

WHOLE = """
zone = "Europe/Berlin"
[fetch]
allow = ["10.1.0.0/16"]
[notify.chat]
url = "https://chat.example/hook"
key = "very-secret-key"
[[plugins]]
code = "greeter"
version = "1.*"
command = ["greet", "--json"]
[repositories]
shop = "https://git.example/shop.git"
"""


def file(tmp_path: Path, text: str) -> Path:
    """A settings file where it is looked for."""
    place = tmp_path / "data" / "private" / settings.FILE_NAME
    place.parent.mkdir(parents=True)
    place.write_text(text, encoding="utf-8")
    return place


def test_without_a_file_everything_has_its_default() -> None:
    known = settings.read(environ={})
    assert known.data == Path(".ferryman").absolute()
    assert (known.file.zone, known.file.fetch.allow) == ("UTC", settings.LOOPBACK)


def test_a_file_says_everything_that_can_be_set(tmp_path: Path) -> None:
    file(tmp_path, WHOLE)
    known = settings.read(data=str(tmp_path / "data"), environ={}).file
    assert known.zone == "Europe/Berlin"
    assert known.fetch.allow == ("10.1.0.0/16",)
    assert known.notify["chat"].url == "https://chat.example/hook"
    assert known.plugins[0].command == ("greet", "--json")
    assert known.repositories == {"shop": "https://git.example/shop.git"}


def test_flag_before_environment_before_file(tmp_path: Path) -> None:
    """CFG-10."""
    file(tmp_path, WHOLE)
    environ = {"FERRYMAN_DATA": str(tmp_path / "data"), "FERRYMAN_ZONE": "Asia/Tokyo"}
    assert settings.read(environ=environ).file.zone == "Asia/Tokyo"
    assert settings.read(environ=environ).data == tmp_path / "data"
    assert settings.read(data=str(tmp_path / "other"), environ=environ).data == tmp_path / "other"
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text("zone = 'UTC'")
    assert settings.read(environ={"FERRYMAN_SETTINGS": str(elsewhere)}).file.zone == "UTC"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zone = 'Mars/Base'", "zone: 'Mars/Base', from"),
        ("[fetch]\nallow = ['everywhere']", "fetch.allow: 'everywhere', from"),
        ("\nzones = 'UTC'", "ferryman.toml:2, is no setting (did you mean zone?)"),
        ("[server]\nprot = 1", "ferryman.toml:2, is no setting (did you mean server.port?)"),
        ("[server]\nquux = 1", "is no setting (one of server.host, server.port, "),
        ("[quux]\na = 'hidden-word'", "ferryman.toml:1, is no setting (one of zone, fetch, "),
        (
            "\n[notify.chat]\nurl = 'x'",
            "ferryman.toml:2, is not allowed: Object missing required field `key`",
        ),
        (
            "[notify.chat]\nurl = 'x'\nkey = 'y'\nkeys = 'z'",
            "ferryman.toml:4, is no setting (did you mean key?)",
        ),
        (
            "[[plugins]]\ncode = 'x'\ncommand = 'hidden-word'",
            "ferryman.toml:3, is not allowed: Expected `array`, got `str`",
        ),
        (
            "[[plugins]]\ncode = 'x'\ncommand = []",
            "plugins[0].command: from",
        ),
        ("plugins = 3", "ferryman.toml:1, is no table (write [[plugins]])"),
        ("[repositories]\nshop = 3", "repositories.shop: from"),
        ("zone = ", "(at end of document)"),
        ("# a server\n[server]\nport = 70000", "ferryman.toml:3, is not allowed: Expected `int` <= 65535"),
        ("server.port = 'high'", "(a whole number from 0 to 65535)"),
        ("[log]\nform = 'xml'", "log.form: 'xml', from"),
        ("server = 3", "ferryman.toml:1, is no group of settings (write [server])"),
        ("[server]\ntls_cert = 'x.pem'", "server.tls_key: is missing beside the other"),
    ],
    ids=[
        "a zone",
        "a network",
        "an unknown name",
        "an unknown name in a group",
        "a name like no other in its group",
        "a group that is none",
        "a missing one",
        "an unknown name in a table",
        "a wrong type",
        "a plugin bound to nothing",
        "no list of tables",
        "no text in a table",
        "no TOML",
        "too large",
        "no number",
        "no such word",
        "no group",
        "a certificate without its key",
    ],
)
def test_a_wrong_setting_is_named_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    """START-6: the setting, what is allowed, where it came from."""
    place = file(tmp_path, text)
    with pytest.raises(Invalid) as refused:
        settings.read(data=str(tmp_path / "data"), environ={})
    assert said in str(refused.value)
    assert str(place) in str(refused.value) or "beside" in said or "(" in said
    assert "hidden-word" not in str(refused.value)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="FERRYMAN_SETTINGS: there is no file"):
        settings.read(environ={"FERRYMAN_SETTINGS": str(tmp_path / "none.toml")})


def test_a_wrong_zone_of_the_environment_says_so() -> None:
    with pytest.raises(Invalid, match="from FERRYMAN_ZONE in the environment, is no time zone"):
        settings.read(environ={"FERRYMAN_ZONE": "Mars/Base"})


def test_all_wrong_settings_are_told_together(tmp_path: Path) -> None:
    """ERR-2."""
    file(
        tmp_path,
        "zone = 'Mars/Base'\nquux = 3\n[server]\nport = -1\nprot = 1\n[notify.chat]\nurl = 3\n"
        "[[plugins]]\ncode = 'x'\nversion = '1'\n",
    )
    with pytest.raises(Invalid) as refused:
        settings.read(data=str(tmp_path / "data"), environ={"FERRYMAN_LOG_LEVEL": "loud"})
    assert [problem.path for problem in refused.value.problems] == [
        "zone",
        "server.port",
        "log.level",
        "quux",
        "server.prot",
        "notify.chat.url",
        "plugins[0]",
    ]


def test_every_single_setting_has_its_variable_and_lists_stand_between_commas() -> None:
    known = settings.read(
        environ={
            "FERRYMAN_SERVER_PORT": "9000",
            "FERRYMAN_BKCI_TOKENS_REQUIRED": "true",
            "FERRYMAN_BKCI_TRUSTED": "10.0.0.0/8, 192.0.2.0/24",
            "FERRYMAN_SERVER_HOST": "",
        }
    ).file
    assert (known.server.port, known.bkci.tokens_required, known.server.host) == (9000, True, "127.0.0.1")
    assert known.bkci.trusted == ("10.0.0.0/8", "192.0.2.0/24")


def test_each_setting_is_shown_with_its_source_and_secrets_are_hidden(tmp_path: Path) -> None:
    """CFG-10: the flag wins over the environment, that over the file; `config show` tells which it was."""
    place = file(
        tmp_path,
        WHOLE + '[server]\nport = 1\nhost = "0.0.0.0"\n[log]\nlevel = "debug"\n'
        '[notify.mail]\nurl = "https://me:word@mail.example/hook?token=x"\nkey = "another"\n',
    )
    known = settings.read(
        data=str(tmp_path / "data"),
        flags={"server.port": 3, "server.host": None},
        environ={"FERRYMAN_SERVER_PORT": "2", "FERRYMAN_LOG_LEVEL": "error"},
    )
    told = {one.name: (one.value, one.source) for one in settings.shown(known)}
    assert told["server.port"] == (3, "--port")
    assert told["server.host"] == ("0.0.0.0", f"{place}:16")
    assert told["log.level"] == ("error", "FERRYMAN_LOG_LEVEL in the environment")
    assert told["zone"] == ("Europe/Berlin", f"{place}:2")
    assert told["server.body_seconds"] == (60.0, "default")
    assert told["data"] == (str(tmp_path / "data"), "--data")
    assert told["notify.chat.key"] == ("******", f"{place}:5")
    assert told["notify.mail.url"][0] == "https://******@mail.example/hook?******"
    assert not any(word in str(told) for word in ("very-secret-key", "another", "me:word", "token=x"))


def test_a_file_that_a_flag_names_counts_before_the_environments(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(f"[repositories]\n{name} = 'x'")
    environ = {"FERRYMAN_SETTINGS": str(tmp_path / "one.toml")}
    known = settings.read(config=str(tmp_path / "two.toml"), environ=environ)
    assert known.file.repositories == {"two": "x"}
    with pytest.raises(NotFound, match="--config: there is no file"):
        settings.read(config=str(tmp_path / "three.toml"), environ=environ)


def test_a_data_folder_of_somebody_else_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CLI-3: it was told as a settings file, of which there was none, that cannot be read."""

    def refuse(self: Path, encoding: str) -> str:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr(os, "access", lambda place, how: False)
    with pytest.raises(Forbidden, match=re.escape(f"cannot use the data folder {tmp_path}/data: ")):
        settings.read(data=str(tmp_path / "data"), environ={})
    with pytest.raises(Invalid, match=r"some.toml: cannot be read: Permission denied"):
        settings.read(data=str(tmp_path / "data"), config="some.toml", environ={})
