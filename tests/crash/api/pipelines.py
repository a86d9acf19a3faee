"""What the server is loaded with: pipelines whose steps tell a witness that they begin and end, and who may speak."""

from pathlib import Path
from typing import Any

Tree = dict[str, Any]
Attempt = tuple[str, str]
"""A run, and the key of an attempt in it."""

USERS = ("ann", "bob", "cleo")
"""Each may do everything in the project; the first two review."""
PROJECT = "demo"
ROOT = f"/ms/openapi/api/apigw/v3/projects/{PROJECT}/pipelines"
TOKEN = "token"
"""The start value by which a build tells whose start it came from."""
GROUPS = {"first": ["ann", "bob"], "second": ["bob", "ann"]}
"""Review groups in their order; either reviewer may decide."""
LONG = 60
"""Seconds for which a step works that is to be stopped."""

SEED = f'[[project]]\nname = "{PROJECT}"\n' + "".join(
    f'[[principal]]\nname = "{user}"\nroles = {{ {PROJECT} = "admin" }}\n' for user in USERS
)


class Witness:
    """A file to which each attempt of a step adds `begin RUN KEY` and `end RUN KEY`."""

    def __init__(self, place: Path) -> None:
        """Nothing has been seen yet."""
        self.place = place

    def seen(self, word: str) -> list[Attempt]:
        """Run and attempt of every such word, in order."""
        if not self.place.exists():
            return []
        lines = (line.split() for line in self.place.read_text().splitlines())
        return [(run, key) for said, run, key in lines if said == word]

    def under_way(self) -> set[Attempt]:
        """Attempts that have begun and not ended."""
        return set(self.seen("begin")) - set(self.seen("end"))

    def step(self, work: str) -> Tree:
        """A step that works between its two words."""
        said = f"""printf '%s %s %s\\n' {{}} "$FERRYMAN_RUN" "$FERRYMAN_STEP" >>'{self.place}'"""
        script = "\n".join((said.format("begin"), work, said.format("end")))
        return {"@type": "linuxScript", "name": "work", "scriptType": "SHELL", "script": script}


def models(witness: Witness) -> dict[str, Tree]:
    """Each pipeline with its setting, by what is done with its builds."""
    short, longer = witness.step("sleep 0.05"), witness.step("sleep 0.3")
    once = f"""mkdir '{witness.place}-'"$FERRYMAN_RUN" 2>/dev/null && exit 1"""
    checked = _stage(short) | {
        "checkIn": {
            "manualTrigger": True,
            "reviewGroups": [{"name": name, "reviewers": users} for name, users in GROUPS.items()],
        }
    }
    return {
        "quick": _whole("quick", _stage(short, longer), _stage(short)),
        "queued": _whole("queued", _stage(longer), runLockType="SINGLE", maxQueueSize=2),
        "reviewed": _whole("reviewed", _stage(short), checked),
        "stopped": _whole("stopped", _stage(witness.step(f"sleep {LONG}"))),
        "retried": _whole("retried", _stage(short), _stage(witness.step(once))),
    }


def _stage(*steps: Tree) -> Tree:
    return {"containers": [{"@type": "vmBuild", "name": "job", "baseOS": "LINUX", "elements": list(steps)}]}


def _whole(name: str, *stages: Tree, **setting: Any) -> Tree:
    manual = {"@type": "manualTrigger", "name": "by hand"}
    asked = {"id": TOKEN, "required": True, "type": "STRING", "defaultValue": ""}
    trigger = {"@type": "trigger", "name": "trigger", "elements": [manual], "params": [asked]}
    setting = {"runLockType": "MULTIPLE", "waitQueueTimeMinute": 600, **setting}
    return {
        "model": {"name": name, "stages": [{"containers": [trigger]}, *stages]},
        "setting": {"pipelineName": name, **setting},
    }
