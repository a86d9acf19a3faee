"""Artifacts up and down, on real files: by digest, never out of the folder, never half (pipeline-yaml 15.1)."""

import os
import subprocess
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ferryman.domain.artifacts import ArtifactFile, Manifest, content_digest
from ferryman.domain.work import FetchArtifact, KeepArtifact, WorkResult
from ferryman.executors.inside import artifacts, working_folder
from ferryman.executors.inside.names import BadName, Patterns
from ferryman.executors.inside.working_folder import opened
from ferryman.ports.artifacts import ArtifactRow
from tests.executors.inside.world import World, lived, work


class Place(World):
    """A world with a working folder in it."""

    def __init__(self, folder: Path, *, run: str = "shop-12") -> None:
        super().__init__(folder)
        self.job = self.job_folder(run, "stage/job")
        self.job.mkdir(parents=True)

    def put(self, name: str, text: str = "x", mode: int = 0o644) -> Path:
        path = self.job / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    async def keep(self, *patterns: str, name: str = "dist", key: str = "s/j/up#1.1") -> WorkResult:
        return await self.result(work(KeepArtifact(name=name, patterns=patterns), key=key))

    async def fetch(self, key: str = "s/j/down#1.1", run: str = "shop-12", **given: object) -> WorkResult:
        action = FetchArtifact(name="dist", **given)  # type: ignore[arg-type]
        return await self.result(work(action, key=key, run=run))

    def manifests(self) -> list[Manifest]:
        return [msgspec.json.decode(row.manifest, type=Manifest) for row in self.artifacts.rows]


def test_up_and_down_brings_the_same_files(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        place.put("dist/a.txt", "alpha")
        place.put("dist/bin/run", "#!/bin/sh", 0o755)
        place.put("other.txt")
        kept = await place.keep("dist/**")
        assert kept.outcome == "succeeded"
        (manifest,) = place.manifests()
        assert [(file.name, file.size, file.mode) for file in manifest.files] == [
            ("dist/a.txt", 5, 0o644),
            ("dist/bin/run", 9, 0o755),
        ]
        assert kept.outputs == {"name": "dist", "version": "12", "sha256": manifest.sha256}
        fetched = await place.fetch(folder="in/here")
        assert (fetched.outcome, fetched.outputs) == ("succeeded", {"path": "in/here"})
        assert (place.job / "in/here/dist/a.txt").read_text() == "alpha"
        assert os.stat(place.job / "in/here/dist/bin/run").st_mode & 0o777 == 0o755
        assert not (place.job / "in/here/other.txt").exists()

    lived(story())


def test_the_digest_is_what_sha256sum_gives(tmp_path: Path) -> None:
    """The sentence on the page: anybody can make the digest again from the files alone."""

    async def story() -> None:
        place = Place(tmp_path)
        for name in ("a", "b/c", "odd\\name", "two\nlines"):
            place.put(name, f"in {name}")
        kept = await place.keep(".")
        command = "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
        made = subprocess.run(
            ["sh", "-c", command], cwd=place.job, capture_output=True, text=True, check=True
        )
        assert kept.outputs["sha256"] == made.stdout.split()[0]

    lived(story())


def test_one_content_is_kept_once_under_its_digest(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        place.put("a", "same")
        place.put("b", "same")
        await place.keep("*")
        kept = [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]
        (one,) = kept
        assert one.parent.name + one.name == place.manifests()[0].files[0].sha256

    lived(story())


def test_versions_are_numbers_of_runs_and_an_attempt_done_again_finds_its_own(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        place.put("a")
        versions = [
            (await place.keep("a", key=key)).outputs["version"]
            for key in ("s/j/t#1.1", "s/j/t#1.1", "s/j/t#1.2")
        ]
        assert versions == ["12", "12", "12.2"]
        assert len(place.artifacts.rows) == 2

    lived(story())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "13"),
        ({"version": "12"}, "12"),
        ({"version": "shop-12"}, "12"),
        ({"run_number": 12}, "12"),
        ({"run_number": 11}, None),
        ({"version": "99"}, None),
        ({"pipeline": "other"}, "5"),
        ({"pipeline": "nobody"}, None),
    ],
)
def test_which_version_is_meant(tmp_path: Path, asked: dict[str, object], found: str | None) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        for run in ("shop-12", "shop-13", "other-5"):
            folder = place.job_folder(run, "stage/job")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "which").write_text(run.partition("-")[2])
            action = KeepArtifact(name="dist", patterns=("which",))
            await place.result(work(action, run=run, key=f"s/j/{run}#1.1"))
        result = await place.fetch(run="shop-20", **asked)
        if found is None:
            assert (result.outcome, result.error_code) == ("failed", 2199003)
            assert "there is no artifact dist" in result.reason.facts["message"]
        else:
            assert (place.job_folder("shop-20", "stage/job") / "which").read_text() == found

    lived(story())


@pytest.mark.parametrize("pattern", ["../x", "/etc/passwd", "a/../../x"])
def test_a_pattern_out_of_the_folder_is_refused(tmp_path: Path, pattern: str) -> None:
    async def story() -> None:
        result = await Place(tmp_path).keep(pattern)
        assert (result.outcome, result.error_code) == ("failed", 2199002)

    lived(story())


def test_links_and_special_files_are_passed_over_and_named(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        (tmp_path / "secret").write_text("secret")
        place.put("dist/plain")
        (place.job / "dist/link").symlink_to(tmp_path / "secret")
        (place.job / "dist/dir").symlink_to(tmp_path)
        os.mkfifo(place.job / "dist/pipe")
        result = await place.keep("dist")
        assert result.outcome == "succeeded"
        assert [file.name for file in place.manifests()[0].files] == ["dist/plain"]
        said = "\n".join(place.book.lines)
        assert all(f"passed over 'dist/{name}'" in said for name in ("link", "dir", "pipe"))

    lived(story())


def test_a_link_to_a_folder_is_named_where_files_behind_it_were_meant(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        place.put("here/a.txt")
        (tmp_path / "elsewhere").mkdir()
        for name in ("there", "other"):
            (place.job / name).symlink_to(tmp_path / "elsewhere")
        (place.job / "itself").symlink_to("itself")
        assert (await place.keep("there/*.txt", "here/*")).outcome == "succeeded"
        assert [line for line in place.book.lines if "passed over" in line] == [
            "passed over 'there': it is a link or no plain file"
        ]

    lived(story())


def test_what_is_passed_over_is_counted_beyond_the_first_ones(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        place.put("a.txt")
        for number in range(25):
            (place.job / f"link{number:02}").symlink_to("a.txt")
        await place.keep("*")
        assert place.book.lines[19:21] == [
            "passed over 'link19': it is a link or no plain file",
            "passed over 5 more of them",
        ]

    lived(story())


def test_too_many_files_are_counted_before_any_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "MOST_FILES", 3)

    async def story() -> None:
        place = Place(tmp_path)
        for name in ("a", "b", "c", "d"):
            place.put(name, name)
        too_many = await place.keep("*")
        assert (too_many.outcome, too_many.error_code) == ("failed", 2199002)
        assert too_many.reason.facts["message"].startswith("the patterns mean more than 3 files")
        assert [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()] == []
        assert (await place.keep("[a-c]")).outcome == "succeeded"

    lived(story())


def test_patterns_that_mean_no_file_fail(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        place.put("a")
        result = await place.keep("b", "c/**")
        assert "no file fits b, c/**" in result.reason.facts["message"]
        assert place.artifacts.rows == []

    lived(story())


def test_a_job_without_a_folder_has_nothing_to_keep(tmp_path: Path) -> None:
    async def story() -> None:
        result = await World(tmp_path).result(work(KeepArtifact(name="dist", patterns=("a",))))
        assert result.outcome == "failed"
        assert "no working folder" in result.reason.facts["message"]

    lived(story())


def test_a_name_that_no_manifest_can_hold_is_said(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        (Path(os.fsdecode(os.fsencode(str(place.job)) + b"/bad\xff"))).write_text("x")
        result = await place.keep("*")
        assert (result.outcome, result.error_code) == ("failed", 2199002)

    lived(story())


def test_folders_without_end_are_not_walked_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working_folder, "DEEPEST", 3)
    folder = tmp_path / "a/b/c/d/e"
    folder.mkdir(parents=True)
    with opened(tmp_path) as root, pytest.raises(BadName, match="more than 3 deep"):
        list(root.files(Patterns(["**"]), passed=lambda name: None))


def test_a_damaged_content_fails_the_fetch_and_leaves_no_file(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        place.put("a", "right")
        await place.keep("a")
        (place.job / "a").unlink()
        digest = place.manifests()[0].files[0].sha256
        content = tmp_path / "artifacts" / digest[:2] / digest[2:]
        content.write_text("wrong")
        damaged = await place.fetch()
        content.unlink()
        gone = await place.fetch(key="s/j/again#1.1")
        assert "is damaged on the disk" in damaged.reason.facts["message"]
        assert "is gone" in gone.reason.facts["message"]
        assert list(place.job.iterdir()) == []

    lived(story())


def test_a_link_in_the_way_of_a_fetch_is_not_followed(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        outside = tmp_path / "outside"
        outside.mkdir()
        place.put("d/file", "new")
        await place.keep("d")
        (place.job / "d/file").unlink()
        (place.job / "d").rmdir()
        (place.job / "d").symlink_to(outside)
        refused = await place.fetch()
        assert (refused.outcome, "is a link or a file" in refused.reason.facts["message"]) == ("failed", True)
        assert list(outside.iterdir()) == []

    lived(story())


@pytest.mark.parametrize("above", [0, 1])
def test_a_link_in_place_of_the_working_folder_leads_nowhere(tmp_path: Path, above: int) -> None:
    """RULINGS 18: steps do not see Ferryman's own files, and have nobody read or write them by way of a link."""

    async def story() -> None:
        place = Place(tmp_path)
        place.put("file", "new")
        await place.keep("file")
        hidden = tmp_path / "hidden"
        inside = hidden / place.job.name if above else hidden
        inside.mkdir(parents=True)
        (inside / "key").write_text("hidden")
        linked = [place.job, place.job.parent][above]
        linked.rename(tmp_path / "aside")
        linked.symlink_to(hidden)
        for result in (await place.keep("**", key="s/j/up#1.2"), await place.fetch()):
            assert (result.outcome, result.error_code) == ("failed", 2199002)
            assert "stands in place of the working folder" in result.reason.facts["message"]
        assert len(place.manifests()) == 1
        assert [path.name for path in inside.iterdir()] == ["key"]

    lived(story())


def test_a_link_with_the_name_of_a_file_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    async def story() -> None:
        place = Place(tmp_path)
        outside = tmp_path / "outside"
        outside.write_text("old")
        place.put("file", "new")
        await place.keep("file")
        (place.job / "file").unlink()
        (place.job / "file").symlink_to(outside)
        assert (await place.fetch()).outcome == "succeeded"
        assert outside.read_text() == "old"
        assert (place.job / "file").read_text() == "new"
        assert not (place.job / "file").is_symlink()

    lived(story())


HOSTILE = st.lists(
    st.sampled_from(["..", ".", "", "a", "b", "link", "out", "*", "\0", "\udc80"]) | st.text(max_size=4),
    min_size=1,
    max_size=5,
).map("/".join)


@given(name=HOSTILE, folder=HOSTILE)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_outside_the_folder_is_ever_written(
    tmp_path_factory: pytest.TempPathFactory, name: str, folder: str
) -> None:
    """Whatever a manifest and a step say, and whatever links lie in the folder: the world around stays as it is."""
    around = tmp_path_factory.mktemp("around")
    (around / "out").mkdir()
    (around / "out" / "kept").write_text("kept")

    async def story() -> None:
        place = Place(around / "data")
        (place.job / "link").symlink_to(around / "out")
        (place.job / "a").mkdir()
        (place.job / "a" / "b").symlink_to("../../../../../..")
        content = place.put("content")
        with open(content, "rb") as source:
            digest, size = place.contents.take(source.fileno(), stopping=lambda: False)
        files = (ArtifactFile(name.encode("utf-8", "replace").decode(), size, digest),)
        manifest = Manifest(
            name="dist",
            version="1",
            pipeline="shop",
            run="shop-1",
            run_number=1,
            key="k",
            sha256=content_digest(files),
            files=files,
        )
        row = ArtifactRow(
            project="p",
            run="shop-1",
            name="dist",
            version="1",
            manifest=msgspec.json.encode(manifest),
            created_at=1,
        )
        place.artifacts.rows.append(row)
        before = _outside(around, place.job)
        await place.fetch(folder=folder)
        assert _outside(around, place.job) == before

    lived(story())


@given(patterns=st.lists(HOSTILE, min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_outside_the_folder_is_ever_read(
    tmp_path_factory: pytest.TempPathFactory, patterns: list[str]
) -> None:
    around = tmp_path_factory.mktemp("around")
    (around / "a").write_text("secret")
    (around / "out").mkdir()
    (around / "out" / "a").write_text("secret")

    async def story() -> None:
        place = Place(around / "data")
        place.put("a/b", "mine")
        place.put("b", "mine")
        (place.job / "link").symlink_to(around / "out")
        (place.job / "out").symlink_to("../../../../out")
        await place.keep(*patterns)
        for manifest in place.manifests():
            assert {file.size for file in manifest.files} <= {len("mine")}
            assert {file.name for file in manifest.files} <= {"a/b", "b"}

    lived(story())


def _outside(around: Path, inside: Path) -> dict[str, str]:
    """All files around, but not those in the folder and not Ferryman's own records."""
    return {
        str(path.relative_to(around)): path.read_text()
        for path in around.rglob("*")
        if path.is_file() and not path.is_relative_to(inside) and path.suffix != ".jsonl"
    }
