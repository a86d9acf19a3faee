"""Settings with what seeds have furnished the installation with: plugins, networks that may be asked, projects.

What the settings say by name counts before what a seed said.
"""

import os
from difflib import get_close_matches
from pathlib import Path

from msgspec.structs import replace

from ferryman.domain import installation
from ferryman.domain.access import Project
from ferryman.domain.errors import NotFound
from ferryman.services import LOCAL
from ferryman.services.access import Access, Seed
from ferryman.settings import Fetch, Plugin, Settings


def furnished(settings: Settings, access: Access) -> Settings:
    """The settings, with what was kept of seeds."""
    index, file = access.register.index, settings.file
    known = {plugin.code for plugin in file.plugins}
    plugins = tuple(
        Plugin(code=one.code, version=one.version, command=one.command)
        for one in index.every(installation.Plugin)
        if one.code not in known
    )
    fetch = index.get(installation.Fetch, installation.Fetch().key)
    if fetch is not None and "fetch.allow" not in settings.origins:
        file = replace(file, fetch=Fetch(allow=fetch.allow))
    return replace(settings, file=replace(file, plugins=(*file.plugins, *plugins)))


def at_home(seed: Seed, folder: Path) -> Seed:
    """The seed with whole paths to the files beside it that commands of its plugins name: they run in the folders of
    jobs. The first word of a command is the name of a program unless it has a slash."""
    home = folder.absolute()

    def whole(at: int, word: str) -> str:
        place = home / word
        return str(place) if (at or "/" in word) and os.path.isfile(place) else word

    plugins = [
        replace(one, command=tuple(whole(at, word) for at, word in enumerate(one.command)))
        for one in seed.plugin
    ]
    return replace(seed, plugin=tuple(plugins))


def chosen(access: Access, asked: str) -> str:
    """The project that is meant: the one that is asked for, else the only one there is, else `local`, which is there
    before any other. Raises `NotFound` for one that nobody has made."""
    names = [project.name for project in access.register.index.every(Project)]
    if not asked:
        return names[0] if len(names) == 1 else LOCAL
    if asked in names or asked == LOCAL:
        return asked
    there = f"there are {', '.join(names)}" if names else "`ferryman projects` makes one"
    near = "".join(f"; did you mean {one}?" for one in get_close_matches(asked, names, n=1))
    raise NotFound(f"there is no project {asked}; {there}{near}", reason="project-unknown")
