"""ferrymanUploadArtifact and ferrymanDownloadArtifact at work.

Contents go by digest (`ports/contents`), manifests by name and version (`ports/artifacts`); a manifest is kept last, so
a version that can be found is whole. The version is the number of the run; where a run keeps a name more than once,
`12.2`, `12.3` and so on follow. The manifest holds the attempt, so doing an attempt again finds the version it made.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from ferryman.domain.artifacts import ArtifactFile, Manifest, content_digest
from ferryman.domain.errors import Conflict, NotFound
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.values import Json
from ferryman.domain.work import Action, FetchArtifact, KeepArtifact, WorkResult
from ferryman.executors.inside.attempt import Attempt
from ferryman.executors.inside.names import BadName, Patterns, is_file_name, parts
from ferryman.executors.inside.working_folder import WorkingFolder, opened
from ferryman.ports.artifacts import ArtifactRow, ArtifactRows
from ferryman.ports.contents import Contents, Damaged
from ferryman.ports.store import RunRow

MOST_FILES = 100_000
MOST_NAMED = 20
"""Links and the like that the log names; the rest is counted."""
MOST_TIMES = 1_000
"""How often one run may keep one name."""
NEWEST = 1_000
"""How many versions of a name are looked through."""

FolderOf = Callable[[str, str], Path]
"""Where the working folder of a job is, by run and folder name."""


class RunRows(Protocol):
    """What is known of runs: the part of the store that artifacts need."""

    async def run(self, run: str) -> RunRow:
        """One run. Raises `NotFound`."""
        ...


class TooMany(Exception):
    """More than may be kept at once."""


class ArtifactKeeping:
    """Keeps files of jobs."""

    def __init__(self, *, contents: Contents, rows: ArtifactRows, runs: RunRows, folder_of: FolderOf) -> None:
        """`contents` keeps bytes, `rows` keeps manifests."""
        self._contents = contents
        self._rows = rows
        self._runs = runs
        self._folder_of = folder_of

    async def __call__(self, attempt: Attempt, action: Action) -> WorkResult:
        """Keep the files that the patterns mean; without one it fails."""
        if not isinstance(action, KeepArtifact):
            raise TypeError("no artifact to keep")
        work = attempt.work
        row = await self._runs.run(work.run)
        passed: list[str] = []
        files: list[ArtifactFile] = []
        path = self._folder_of(work.run, work.folder)

        def read() -> WorkResult:
            with opened(path) as folder:
                files.extend(self._read(attempt, folder, Patterns(action.patterns), passed))
            return attempt.succeeded()

        try:
            await attempt.in_thread(read)
        except BadName as refusal:
            return attempt.failed(str(refusal), TaskCode.BAD_INPUT)
        except TooMany:
            return attempt.failed(
                f"the patterns mean more than {MOST_FILES} files: pack them into one", TaskCode.BAD_INPUT
            )
        except FileNotFoundError:
            return attempt.failed("the job has no working folder here", TaskCode.NOT_FOUND)
        for name in passed[:MOST_NAMED]:
            attempt.say(f"passed over {name!r}: it is a link or no plain file")
        if len(passed) > MOST_NAMED:
            attempt.say(f"passed over {len(passed) - MOST_NAMED:,} more of them")
        if not files:
            return attempt.failed(
                f"no file fits {', '.join(action.patterns)} in the working folder", TaskCode.NOT_FOUND
            )
        manifest = await self._keep(attempt, action, row, tuple(files))
        size = sum(file.size for file in files)
        attempt.say(f"kept {len(files)} files, {size} bytes, as {action.name} version {manifest.version}")
        return attempt.succeeded(
            {"name": manifest.name, "version": manifest.version, "sha256": manifest.sha256}
        )

    def _read(
        self, attempt: Attempt, folder: WorkingFolder, patterns: Patterns, passed: list[str]
    ) -> Sequence[ArtifactFile]:
        # Nothing is kept of what is refused in the end: a walk costs little, what is kept is flushed to the disk.
        for number, _ in enumerate(folder.files(patterns, passed=_nothing)):
            if number == MOST_FILES:
                raise TooMany
        files: list[ArtifactFile] = []
        for name, descriptor, mode in folder.files(patterns, passed=passed.append):
            if len(files) == MOST_FILES:
                raise TooMany
            digest, size = self._contents.take(descriptor, stopping=attempt.is_stopping)
            files.append(ArtifactFile(name, size, digest, mode))
        return files

    async def _keep(
        self, attempt: Attempt, action: KeepArtifact, row: RunRow, files: tuple[ArtifactFile, ...]
    ) -> Manifest:
        for time in range(1, MOST_TIMES + 1):
            manifest = Manifest(
                name=action.name,
                version=f"{row.number}" if time == 1 else f"{row.number}.{time}",
                pipeline=row.pipeline,
                run=row.id,
                run_number=row.number,
                key=attempt.work.key,
                sha256=content_digest(files),
                files=files,
                keep_days=action.keep_days,
            )
            try:
                await self._rows.keep(
                    ArtifactRow(
                        project=attempt.work.project,
                        run=row.id,
                        name=action.name,
                        version=manifest.version,
                        manifest=msgspec.json.encode(manifest),
                        created_at=attempt.clock.now(),
                    )
                )
                return manifest
            except Conflict:
                continue
        raise Conflict(f"run {row.number} has kept {action.name} {MOST_TIMES} times already")


class ArtifactFetching:
    """Puts kept files into working folders."""

    def __init__(self, *, contents: Contents, rows: ArtifactRows, runs: RunRows, folder_of: FolderOf) -> None:
        """The counterpart of `ArtifactKeeping`."""
        self._contents = contents
        self._rows = rows
        self._runs = runs
        self._folder_of = folder_of

    async def __call__(self, attempt: Attempt, action: Action) -> WorkResult:
        """Put the newest version that is meant into the folder; a file that is damaged fails the step."""
        if not isinstance(action, FetchArtifact):
            raise TypeError("no artifact to fetch")
        work = attempt.work
        try:
            manifest = await self._find(work.project, await self._runs.run(work.run), action)
            below = parts(action.folder)
        except (NotFound, BadName) as refusal:
            code = TaskCode.NOT_FOUND if isinstance(refusal, NotFound) else TaskCode.BAD_INPUT
            return attempt.failed(str(refusal), code)
        path = self._folder_of(work.run, work.folder)

        def write() -> WorkResult:
            with opened(path, make=True) as folder:
                self._write(attempt, folder, below, manifest)
            return attempt.succeeded(_outputs(below))

        try:
            result = await attempt.in_thread(write)
        except BadName as refusal:
            return attempt.failed(str(refusal), TaskCode.BAD_INPUT)
        except Damaged as fault:
            return attempt.failed(f"{manifest.name} version {manifest.version}: {fault}", TaskCode.PLATFORM)
        attempt.say(f"fetched {len(manifest.files)} files of {manifest.name} version {manifest.version}")
        return result

    async def _find(self, project: str, row: RunRow, action: FetchArtifact) -> Manifest:
        pipeline = action.pipeline or row.pipeline
        for kept in await self._rows.versions(project, action.name, limit=NEWEST):
            manifest = _manifest(kept.manifest)
            if manifest is not None and manifest.pipeline == pipeline and _is_meant(manifest, action):
                return manifest
        which = f" version {action.version}" if action.version else ""
        which += f" of run {action.run_number}" if action.run_number else ""
        raise NotFound(f"there is no artifact {action.name}{which} of pipeline {pipeline}")

    def _write(
        self, attempt: Attempt, folder: WorkingFolder, below: tuple[str, ...], manifest: Manifest
    ) -> None:
        for file in manifest.files:
            if not is_file_name(file.name):
                raise BadName(f"the manifest names {file.name!r}, which is no file below a folder")
            with folder.fresh("/".join((*below, file.name)), file.mode) as target:
                self._contents.give(file.sha256, target, stopping=attempt.is_stopping)


def _nothing(name: str) -> None:
    """It is told the next time."""


def _is_meant(manifest: Manifest, action: FetchArtifact) -> bool:
    if action.run_number and manifest.run_number != action.run_number:
        return False
    return not action.version or action.version in (manifest.version, manifest.run)


def _manifest(text: bytes) -> Manifest | None:
    """What is written there; None for what nobody here can read, which is passed by."""
    try:
        return msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def _outputs(below: tuple[str, ...]) -> Mapping[str, Json]:
    return {"path": "/".join(below) or "."}
