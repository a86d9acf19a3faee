"""Settings together with what a seed has furnished the installation with: plugins, and networks that may be asked.

What the settings say by name counts before what a seed said.
"""

from msgspec.structs import replace

from ferryman.domain import installation
from ferryman.services.access import Access
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
