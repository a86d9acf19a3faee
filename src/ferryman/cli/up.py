"""`ferryman up`: the server, in the foreground, until it is told to stop."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ferryman import __version__
from ferryman.cli import options, session, texts
from ferryman.cli.exits import Exit

if TYPE_CHECKING:
    from ferryman.app.up import Served
    from ferryman.observability.logging import ServerLog
    from ferryman.settings import Settings

STOP_SECONDS = 9.0
"""After this a stop no longer waits for anything: what is kept is kept, and steps go on by themselves (START-5)."""
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@click.command(short_help="Serve a data folder over HTTP.")
@options.data
@click.option("--host", metavar="HOST", help="Where to listen.", show_default="127.0.0.1")
@click.option("--port", metavar="PORT", type=int, help="The port; 0 is a free one.", show_default="8080")
@click.option("--tls-cert", metavar="FILE", type=click.Path(), help="A certificate with its chain, as PEM.")
@click.option("--tls-key", metavar="FILE", type=click.Path(), help="The certificate's key, as PEM.")
@options.config
@click.option(
    "--seed",
    metavar="FILE",
    type=click.Path(),
    help="Projects, people and keys to be there; applied again it changes nothing.",
)
@click.option(
    "--ready-file",
    metavar="FILE",
    type=click.Path(),
    help="Write the address here, as JSON, once the server answers.",
)
@click.option(
    "--clock",
    type=click.Choice(["system", "virtual"]),
    default="system",
    help="For tests of clients: a virtual clock stands still until POST /testing/clock moves it.",
)
@options.color
def up(
    data: str | None,
    host: str | None,
    port: int | None,
    tls_cert: str | None,
    tls_key: str | None,
    config: str | None,
    seed: str | None,
    ready_file: str | None,
    clock: str,
) -> None:
    """Serve a data folder: hold it, move its runs, and answer over HTTP until told to stop.

    The first start makes a project and its account, and shows a token and an access key for it, once. Ctrl-C or TERM
    stops within 10 seconds; steps that run go on, and are found again by the next start.

    \b
    Examples:
      ferryman up
      ferryman up --data /srv/ferryman --host 0.0.0.0 --tls-cert site.pem --tls-key site.key
      ferryman up --port 0 --seed seed.toml --ready-file ready.json
    """
    import uvloop

    flags = {"server.host": host, "server.port": port, "server.tls_cert": tls_cert, "server.tls_key": tls_key}
    known = session.settings(data, config=config, flags=flags)
    sown = home = None
    if seed is not None:
        with texts.sentences(seed):
            sown, home = texts.read(seed).decode(), Path(seed).parent
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_up(known, sown, home, ready_file, virtual=clock == "virtual"))


async def _up(
    settings: "Settings", seed: str | None, home: Path | None, ready_file: str | None, *, virtual: bool
) -> None:
    from ferryman.app import whereabouts
    from ferryman.app.beside import is_held
    from ferryman.app.up import serve

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    log = _log(settings)
    for each in SIGNALS:
        loop.add_signal_handler(each, stop.set)
    ready = Path(ready_file) if ready_file is not None else None
    if ready is not None and not is_held(settings):
        # A server that was killed has left it.
        with texts.sentences(str(ready)):
            ready.unlink(missing_ok=True)
    async with serve(settings, seed=seed, home=home, log=log, virtual=virtual) as served:
        try:
            if ready is not None:
                with texts.sentences(str(ready)):
                    whereabouts.write(ready, whereabouts.of(served.listening, settings))
            _tell(served, settings, virtual=virtual)
            log("info", "server.ready", address=served.listening.address, recovered=served.house.recovered)
            await stop.wait()
        finally:
            if ready is not None:
                ready.unlink(missing_ok=True)
        log("info", "server.stopping")
        _hasten(loop, log)
    log("info", "server.stopped")


def _hasten(loop: asyncio.AbstractEventLoop, log: "ServerLog") -> None:
    """From now on a second signal ends the process at once, and so does a stop that takes too long."""

    def end() -> None:
        log(
            "warning",
            "server.ended",
            message="something did not stop in time; runs are taken up by the next start",
        )
        os._exit(Exit.FAILED)

    for each in SIGNALS:
        loop.remove_signal_handler(each)
        signal.signal(each, signal.SIG_DFL)
    loop.call_later(STOP_SECONDS, end)


def _log(settings: "Settings") -> "ServerLog":
    from ferryman.observability.logging import ServerLog

    form = settings.file.log.form
    if form == "auto":
        form = "text" if sys.stderr.isatty() else "json"
    return ServerLog(sys.stderr, form=form, level=settings.file.log.level)


def _tell(served: "Served", settings: "Settings", *, virtual: bool) -> None:
    """Say on the terminal what one needs to know to begin (START-2)."""
    session.warned(exposed=served.house.exposed, lost=served.house.lost)
    listening = served.listening
    if virtual:
        click.echo("warning: the clock is virtual: time stands still until it is moved", err=True)
    if not listening.secure and settings.file.server.host not in ("127.0.0.1", "::1", "localhost"):
        click.echo("warning: connections are not secure; --tls-cert and --tls-key make them so", err=True)
    click.echo(f"Ferryman {__version__} answers at {listening.address}")
    click.echo(f"Data folder: {texts.plain(str(settings.data))}")
    if served.sign_in is not None:
        made = served.sign_in
        click.echo(
            f"First sign-in, as {made.principal}, the account of project {made.project}; shown only now:"
        )
        click.echo(f"  token       {made.token}")
        click.echo(f"  access key  {made.key_id}")
        click.echo(f"  secret      {made.key_secret}")
    else:
        click.echo("Sign in with a token; `ferryman keys make-token` makes one")
    if served.house.recovered:
        click.echo(f"Interrupted runs that were taken up: {served.house.recovered}")
    click.echo(f"Stop it with Ctrl-C, or with: kill {os.getpid()}")
    sys.stdout.flush()
