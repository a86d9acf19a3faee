"""A pipeline file carried out step by step in real shells, without server, store or machine.

It knows just what the shop's release needs: stages in order, jobs one by one in folders of their own, `if: FAILURE`,
environments with `${{ }}`, outputs told on the standard output, and a finally stage that always runs.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ferryman.expressions import substitute

OUTPUT = re.compile(r"^::set-output name=([^:]+)::(.*)$", re.MULTILINE)
READERS = {"sh": ("sh", "-e", "-c"), "python": ("python3", "-c")}


@dataclass
class Ended:
    """How a run by hand ended: the log of each step that ran, by its path, and the steps that failed."""

    logs: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def perform(file: Path, folder: Path, number: int, **given: str) -> Ended:
    """Carry out the pipeline with these start values; `folder` holds the jobs' working folders."""
    pipeline = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    declared = {
        name: str(each["value"]).lower() if isinstance(each["value"], bool) else str(each["value"])
        for name, each in pipeline["variables"].items()
    }
    variables = {**declared, **given}
    jobs: dict[str, Any] = {}
    ended = Ended()
    for stage in (*pipeline["stages"], {"id": "finally", "jobs": pipeline["finally"]}):
        if ended.failed and stage["id"] != "finally":
            continue
        for name, job in stage["jobs"].items():
            workspace = folder / f"{number} {name}"
            workspace.mkdir(parents=True)
            context = {
                "variables": variables,
                "jobs": jobs,
                "ci": {
                    "build_num": str(number),
                    "build_status": "FAILED" if ended.failed else "SUCCEED",
                    "build_fail_tasknames": ",".join(ended.failed),
                },
            }
            jobs[name] = {"steps": dict(_steps(f"{stage['id']}/{name}", job, workspace, context, ended))}
    return ended


def _steps(
    path: str, job: Mapping[str, Any], workspace: Path, context: dict[str, Any], ended: Ended
) -> Iterator[tuple[str, object]]:
    known: dict[str, object] = {}
    broken = False
    for step in job["steps"]:
        if broken != (step.get("if") == "FAILURE"):
            continue
        surroundings = {**job.get("env", {}), **step.get("env", {})}
        reads = {**context, "steps": known}
        done = subprocess.run(
            [*READERS[step["shell"]], step["run"]],
            cwd=workspace,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(workspace),
                **context["variables"],
                **{name: substitute(text, reads) for name, text in surroundings.items()},
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        ended.logs[f"{path}/{step['id']}"] = done.stdout
        if done.returncode:
            broken = True
            ended.failed.append(step["name"])
        known[step["id"]] = {"outputs": dict(OUTPUT.findall(done.stdout))}
        yield step["id"], known[step["id"]]
