"""Settings: where they come from, and what is said of wrong ones (START-6, CFG-10)."""

from pathlib import Path

import pytest

from ferryman import settings
from ferryman.domain.errors import Invalid

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
        ("zones = 'UTC'", "unknown field `zones`"),
        ("[notify.chat]\nurl = 'x'", "missing required field `key` - at `$.notify[...]`"),
        (
            "[[plugins]]\ncode = 'x'\ncommand = 'hidden-word'",
            "Expected `array`, got `str` - at `$.plugins[0].command`",
        ),
        ("zone = ", "(at end of document)"),
    ],
    ids=["a zone", "a network", "an unknown name", "a missing one", "a wrong type", "no TOML"],
)
def test_a_wrong_setting_is_named_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    """START-6: the setting, what is allowed, where it came from."""
    place = file(tmp_path, text)
    with pytest.raises(Invalid) as refused:
        settings.read(data=str(tmp_path / "data"), environ={})
    assert said in str(refused.value)
    assert str(place) in str(refused.value)
    assert "hidden-word" not in str(refused.value)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="FERRYMAN_SETTINGS: there is no file"):
        settings.read(environ={"FERRYMAN_SETTINGS": str(tmp_path / "none.toml")})


def test_a_wrong_zone_of_the_environment_says_so() -> None:
    with pytest.raises(Invalid, match="from FERRYMAN_ZONE in the environment, is no time zone"):
        settings.read(environ={"FERRYMAN_ZONE": "Mars/Base"})
