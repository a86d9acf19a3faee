"""Documented or it does not exist: every single setting stands on the page of settings."""

from pathlib import Path

from ferryman import settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "settings.md"


def test_every_setting_stands_on_its_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    known = settings.read(environ={})
    missing = [
        one.name for one in settings.shown(known) if one.name != "data" and f"`{one.name}`" not in text
    ]
    assert missing == []
