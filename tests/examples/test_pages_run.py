"""Every whole pipeline on a page of the docs is run, but those that need what no single machine has (STYLE 8)."""

import asyncio
import re
import subprocess
from pathlib import Path

import pytest

from ferryman.app.house import House, hold
from ferryman.settings import Settings
from tests.examples.housed import Ended, read, run

DOCS = Path(__file__).resolve().parents[2] / "docs"
PIPELINE = re.compile(r"^```yaml\n(version: .*?)^```$", re.MULTILINE | re.DOTALL)
PIPELINES = {
    f"{page.relative_to(DOCS)}#{number}": text
    for page in sorted(DOCS.rglob("*.md"))
    for number, text in enumerate(PIPELINE.findall(read(page)), 1)
}
NOT_HERE = {
    "steps/windowsScript.md#1": "a BAT script needs Windows",
    "steps/ferrymanDeploy.md#1": "this server has no environments to",
    "steps/ferrymanPromote.md#1": "this server has no environments to",
    "steps/ferrymanRollback.md#1": "this server has no environments to",
    "steps/ferrymanHttp.md#1": "there is no secret hooks",
    "steps/ferrymanNotify.md#1": "no sender is set up for email",
}
"""What needs another machine, an environment, a secret or a receiver → a word of why it ends here."""
BEFORE = {
    "steps/ferrymanDownloadArtifact.md#1": "steps/ferrymanUploadArtifact.md#1",
    "steps/subPipelineCall.md#1": "steps/run.md#1",
}
"""What a pipeline needs to have been run before it."""
REVIEWERS = {"s1/decide/t1": "alice", "s1": "alice", "s2": "alice"}


async def _run(house: House, name: str, folder: Path) -> Ended:
    """The pipeline of that name, after what it needs."""
    if name in BEFORE:
        assert (await _run(house, BEFORE[name], folder)).view.outcome == "succeeded"
    values = {}
    if "variables.repository" in PIPELINES[name]:
        values["repository"] = f"file://{_repository(folder / 'shop.git')}"
    return await run(house, PIPELINES[name], values=values, reviewers=REVIEWERS)


def _repository(folder: Path) -> Path:
    """A repository with one file."""
    git = ["git", "-C", str(folder), "-c", "user.name=one", "-c", "user.email=one@example.com"]
    folder.mkdir()
    (folder / "README").write_text("the shop\n")
    for words in (["init", "--quiet"], ["add", "README"], ["commit", "--quiet", "-m", "one"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    return folder


def ended(name: str, folder: Path) -> Ended:
    """How the pipeline of that name ends."""

    async def story() -> Ended:
        async with hold(Settings(data=folder / "data")) as house:
            return await _run(house, name, folder)

    return asyncio.run(story())


@pytest.mark.parametrize("name", sorted(PIPELINES.keys() - NOT_HERE.keys()))
def test_a_pipeline_of_the_docs_succeeds(name: str, tmp_path: Path) -> None:
    told = ended(name, tmp_path)
    assert told.view.outcome == "succeeded", (told.outcomes, told.logs)


@pytest.mark.parametrize("name", NOT_HERE)
def test_what_cannot_run_here_ends_and_says_why(name: str, tmp_path: Path) -> None:
    told = ended(name, tmp_path)
    assert told.view.outcome == "failed"
    said = " ".join([*told.logs.values(), *(step.reason.sentence for step in told.steps)])
    assert NOT_HERE[name] in said


def test_there_are_pipelines() -> None:
    assert len(PIPELINES) >= 17
    assert NOT_HERE.keys() | BEFORE.keys() <= PIPELINES.keys()
