"""Hypothesis profiles, chosen by FERRYMAN_PROFILE: how long the laws are searched.

`quick` serves `make check`, `default` serves `make test`, `soak` runs a proof in its full count. None is
derandomized: each run looks elsewhere, and a failure prints what repeats it.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("quick", settings.get_profile("default"), max_examples=25, stateful_step_count=20)
settings.register_profile(
    "soak",
    settings.get_profile("default"),
    max_examples=2_000,
    stateful_step_count=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("FERRYMAN_PROFILE", "default"))
