"""Whole commands with all they print, as conversations in transcripts/*.txt.

Lines of a transcript: `# prose`, `$ command`, then what stands on the standard output, then what stands on the standard
error behind `! `, then the exit code. After a change, run with FERRYMAN_REWRITE=1 and read the difference as carefully
as code. Sources: expectations CLI-3, CLI-11, ERR-1 to ERR-3; pipeline-yaml 13.
"""

import os
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Ran

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_conversation_goes_as_written(path: Path, ran: Ran) -> None:
    kept = path.read_text(encoding="utf-8")
    spoken = [line for line in kept.splitlines() if line.startswith(("# ", "$ "))]
    told = ""
    for line in spoken:
        told += line + "\n"
        if line.startswith("$ "):
            program, *arguments = shlex.split(line[2:])
            assert program == "ferryman"
            result = ran(*arguments)
            told += result.out
            told += "".join(f"! {error}\n" for error in result.err.splitlines())
            told += f"exit {result.code}\n\n"
    if os.environ.get("FERRYMAN_REWRITE"):
        path.write_text(told, encoding="utf-8")
    assert told == kept
