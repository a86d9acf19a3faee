"""The tuple of kinds is whole and every declaration says enough (pipeline-yaml 8.1, 15.1; RULINGS 17)."""

import msgspec
import pytest

from ferryman.steps import KINDS, find_kind
from ferryman.steps.inputs import inputs
from ferryman.steps.kind import StepKind

AGENTLESS = {
    "ferrymanDeploy": True,
    "ferrymanRollback": True,
    "ferrymanPromote": True,
    "ferrymanUploadArtifact": False,
    "ferrymanDownloadArtifact": False,
    "ferrymanHttp": True,
    "ferrymanWait": True,
    "ferrymanNotify": True,
    "ferrymanNothing": True,
    "run": False,
    "checkout": False,
    "linuxScript": False,
    "windowsScript": False,
    "manualReviewUserTask": True,
    "subPipelineCall": True,
}
"""Column "agentless" of 15.1, and the last sentence of 8.1."""

OUTPUTS = {
    "ferrymanDeploy": ["deployment", "revision", "previous"],
    "ferrymanRollback": ["deployment", "revision"],
    "ferrymanPromote": ["deployment", "revision"],
    "ferrymanUploadArtifact": ["name", "version", "sha256"],
    "ferrymanDownloadArtifact": ["path"],
    "ferrymanHttp": ["status", "body"],
}
"""Column "outputs" of 15.1."""

SETTINGS = {
    "ferrymanDeploy": "environment application component artifact image version strategy batches "
    "canary-percent health-check rollback-on-failure variables",
    "ferrymanRollback": "environment application component to",
    "ferrymanPromote": "from to application component",
    "ferrymanUploadArtifact": "name path keep-days",
    "ferrymanDownloadArtifact": "name version build pipeline path",
    "ferrymanHttp": "url method headers body expect-status expect-text retry",
    "ferrymanWait": "seconds until",
    "ferrymanNotify": "type receivers content",
    "ferrymanNothing": "",
    "linuxScript": "script scriptType continueNoneZero enableArchiveFile archiveFile errorFAQUrl",
    "windowsScript": "script scriptType charsetType",
    "manualReviewUserTask": "reviewUsers desc suggest params namespace notifyType notifyTitle "
    "markdownContent notifyGroup reminderTime suggestRequired",
    "subPipelineCall": "subPipelineType subPipelineId subPipelineName asynchronous parameters",
}
"""Column "with" of 15.1, and the elements' own names of 8.1."""


def test_the_tuple_holds_every_kind_once() -> None:
    assert sorted(kind.name for kind in KINDS) == sorted(AGENTLESS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_found_by_its_name(kind: StepKind) -> None:
    assert find_kind(kind.name) is kind


def test_a_name_nobody_knows_finds_no_kind() -> None:
    assert find_kind("atomNobodyHas") is None


@pytest.mark.parametrize(("name", "agentless"), AGENTLESS.items())
def test_where_a_kind_may_stand(name: str, agentless: bool) -> None:
    kind = find_kind(name)
    assert kind is not None
    assert kind.needs_machine is not agentless


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_outputs_of_a_kind(kind: StepKind) -> None:
    assert [output.name for output in kind.outputs] == OUTPUTS.get(kind.name, [])


@pytest.mark.parametrize(("name", "settings"), SETTINGS.items())
def test_the_settings_of_a_kind_have_the_words_of_the_file(name: str, settings: str) -> None:
    kind = find_kind(name)
    assert kind is not None
    assert [one.name for one in inputs(kind.settings)] == settings.split()


def test_only_waiting_and_asking_may_be_repeated_when_lost() -> None:
    """RULINGS 17: a second deploy or request must never happen unseen."""
    assert {kind.name for kind in KINDS if kind.repeatable} == {
        "ferrymanWait",
        "ferrymanNothing",
        "manualReviewUserTask",
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_explains_itself(kind: StepKind) -> None:
    """One sentence on what it does, one on each setting, and what it asks of the world."""
    assert kind.summary.endswith(".")
    assert [one.name for one in inputs(kind.settings) if not one.meaning.endswith(".")] == []
    assert bool(kind.capabilities) is (kind.name != "ferrymanNothing")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_a_kind_declares_of_its_settings_are_its_settings(kind: StepKind) -> None:
    named = {name for choice in kind.choices for name in choice.names} | {*kind.scripts, *kind.expressions}
    assert named <= {one.name for one in inputs(kind.settings)}


def test_a_kind_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        KINDS[0].name = "other"  # type: ignore[misc]


def test_what_is_no_struct_is_no_settings_model() -> None:
    with pytest.raises(TypeError, match="int is not a settings model"):
        inputs(int)


def test_defaults_are_those_a_model_would_take() -> None:
    for kind in KINDS:
        for one in inputs(kind.settings):
            field = next(f for f in msgspec.structs.fields(kind.settings) if f.name == one.attribute)
            assert one.required == field.required
