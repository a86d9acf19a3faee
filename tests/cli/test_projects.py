"""Commands about another project than `local`: `--project`, `FERRYMAN_PROJECT`, or the only one there is."""

from pathlib import Path

from ferryman.testing.server import started
from tests.cli.workshop import Workshop

TWO = """
[[project]]
name = "demo"
[[project]]
name = "other"
"""


def test_the_only_project_is_meant_without_a_word(tmp_path: Path, workshop: Workshop) -> None:
    workshop.steps("hello", "echo hello")
    data = str(tmp_path / "data")
    with started(data=tmp_path / "data", seed='[[project]]\nname = "demo"\n'):
        assert workshop.ran("run", "hello.yaml", "--data", data).returncode == 0
        assert workshop.json("show", "latest", "--data", data)["project"] == "demo"
    # The same, by this process itself.
    assert workshop.ran("run", "hello.yaml", "--data", data).returncode == 0
    assert [run["number"] for run in workshop.json("runs", "--data", data)] == [2, 1]


def test_of_several_one_is_named(tmp_path: Path, workshop: Workshop) -> None:
    workshop.steps("hello", "echo hello")
    workshop.environment["FERRYMAN_DATA"] = str(tmp_path / "data")
    with started(data=tmp_path / "data", seed=TWO):
        assert workshop.ran("run", "hello.yaml", "--project", "demo").returncode == 0
        workshop.environment["FERRYMAN_PROJECT"] = "other"
        assert workshop.ran("run", "hello.yaml").returncode == 0
        assert workshop.json("show", "latest")["project"] == "other"
        assert workshop.json("show", "latest", "--project", "demo")["project"] == "demo"
        assert workshop.json("runs", "--project", "local") == []
        for words in (["runs"], ["run", "hello.yaml"]):
            refused = workshop.ran(*words, "--project", "nowhere")
            assert refused.returncode == 3
            assert "there is no project nowhere; there are demo, other" in refused.stderr
        assert "; did you mean demo?" in workshop.ran("runs", "--project", "dmo").stderr


def test_a_step_sees_the_secrets_of_its_own_project_and_its_log_hides_them(
    tmp_path: Path, workshop: Workshop
) -> None:
    workshop.steps("tell", "echo ${{ settings.word.value }} | cut -c 2-; echo ${{ settings.word.value }}")
    workshop.environment["FERRYMAN_DATA"] = str(tmp_path / "data")
    with started(data=tmp_path / "data", seed=TWO):
        for project in ("demo", "other"):
            told = workshop.ran(
                "secrets",
                "set",
                "word",
                "--project",
                project,
                "--from-file",
                "-",
                text=f"x{project}-secret-word",
            )
            assert told.returncode == 0
        for project in ("demo", "other"):
            assert workshop.ran("run", "tell.yaml", "--project", project).returncode == 0
            said = workshop.ran("logs", "latest", "--project", project).stdout
            assert f"{project}-secret-word" in said
            assert f"x{project}-secret-word" not in said
