"""What a seed furnishes beside people: plugins, networks, projects."""

import asyncio
from pathlib import Path

import pytest

from ferryman.app.furnished import chosen, furnished
from ferryman.domain.errors import NotFound
from ferryman.settings import Fetch, File, Plugin, Settings
from ferryman.testing.server import serving

FURNITURE = """
[[plugin]]
code = "greeter"
version = "1.*"
command = ["greet"]
[[plugin]]
code = "known"
command = ["from-the-seed"]
[fetch]
allow = ["10.0.0.0/8"]
"""


def test_plugins_and_networks_of_a_seed_count_where_the_settings_say_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with serving(data=tmp_path, seed=FURNITURE) as server:
            own = Plugin(code="known", command=("from-the-settings",))
            given = Settings(data=tmp_path, file=File(plugins=(own,), fetch=Fetch(allow=("192.0.2.0/24",))))
            found = furnished(given, server.house.access).file
            assert [(one.code, one.command) for one in found.plugins] == [
                ("known", ("from-the-settings",)),
                ("greeter", ("greet",)),
            ]
            assert found.fetch.allow == ("10.0.0.0/8",)
            set_by_name = Settings(data=tmp_path, file=given.file, origins={"fetch.allow": "a file"})
            assert furnished(set_by_name, server.house.access).file.fetch.allow == ("192.0.2.0/24",)
            assert server.house.settings.file.plugins[0].code == "greeter"

    asyncio.run(story())


def test_the_project_that_is_meant(tmp_path: Path) -> None:
    async def story() -> None:
        async with serving(data=tmp_path, seed="") as server:
            access = server.house.access
            assert chosen(access, "") == chosen(access, "local") == "local"
            with pytest.raises(NotFound, match="`ferryman projects` makes one"):
                chosen(access, "demo")
        async with serving(data=tmp_path, seed='[[project]]\nname = "demo"') as server:
            assert chosen(server.house.access, "") == "demo"
        async with serving(data=tmp_path, seed='[[project]]\nname = "other"') as server:
            assert chosen(server.house.access, "") == "local"
            assert chosen(server.house.access, "other") == "other"

    asyncio.run(story())
