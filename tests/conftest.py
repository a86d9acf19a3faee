"""Hypothesis profiles, chosen by FERRYMAN_PROFILE: how long the laws are searched.

`quick` serves `make check`, `default` serves `make test`: both search from the same seed every time, so that a change
is judged by what it changes. `soak` runs a proof in its full count from a seed it draws, and so looks elsewhere.
Each prints at its end what repeats it.
"""

import os
import re
import secrets
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import stragglers

# On a machine of continuous integration Hypothesis would draw the same examples every time, were it not told; and a
# busy machine is no reason to fail.
settings.register_profile(
    "default",
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", settings.get_profile("default"), max_examples=25, stateful_step_count=20)
settings.register_profile(
    "soak",
    settings.get_profile("default"),
    max_examples=2_000,
    stateful_step_count=50,
)
SEED = 20_261_122
"""Where the quick and the default profile search from; another is given as `--hypothesis-seed`."""

OURS = frozenset(
    {
        "FERRYMAN_PROFILE",
        "FERRYMAN_SEED",
        "FERRYMAN_HISTORY",
        "FERRYMAN_REWRITE",
        "FERRYMAN_REWRITE_GOLDEN",
    }
)
"""Variables of the product's kind that speak to the tests."""

STRANGE = re.compile(
    r"FERRYMAN_.*|GIT_.*|XDG_.*|LC_.*|LANGUAGE|(HTTP|HTTPS|FTP|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|SSH_.*"
    r"|TZ|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|CLICOLOR.*|PYTHON(WARNINGS|INSPECT|OPTIMIZE|DEVMODE|IOENCODING)|ENV|BASH_ENV",
    re.IGNORECASE,
)
"""What somebody has set for their own work; processes that a test starts would go by it."""

PROFILE = os.environ.get("FERRYMAN_PROFILE", "default")
settings.load_profile(PROFILE)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Begin from the same environment everywhere, and set the seed of this run, unless one was asked for; parallel
    workers are handed the same."""
    for name in [each for each in os.environ if STRANGE.fullmatch(each) and each not in OURS]:
        del os.environ[name]
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(secrets.randbelow(2**32) if PROFILE == "soak" else SEED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what proofs found (`record_property("proof", …)`) and what repeats the run, just before the closing line."""
    passed = terminalreporter.stats.get("passed", [])
    proofs = [text for report in passed for name, text in report.user_properties if name == "proof"]
    for proof in sorted(proofs):
        terminalreporter.write_line(f"proof: {proof}")
    terminalreporter.write_line(f"laws: profile {PROFILE}, --hypothesis-seed={config.option.hypothesis_seed}")


@pytest.fixture(scope="session", autouse=True)
def signals_are_heard() -> None:
    """A shell's background job is deaf to interrupts, one of `nohup` to hang-ups, and so are their children: those of
    the tests are not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for each in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(each) is signal.SIG_IGN:
            signal.signal(each, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No process of a step outlives the tests; one that does is named, and ended."""
    yield
    left = stragglers.end(tmp_path_factory.getbasetemp())
    assert not left, f"steps that tests have left running: {left}"
