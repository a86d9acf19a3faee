"""Asks how the newest release stands by BK-CI's API, and compares that with what the command line said of it.

    python examples/told_alike.py FOLDER

FOLDER has `client.py`, the client that `ferryman connect bkci` prints, and `shown.json`, from `ferryman show latest
--output json`. Prints both side by side; exits with 1 where they tell of different runs, or different ends.
"""

import json
import runpy
import sys
from pathlib import Path

SAME = {("SUCCEED", "succeeded"), ("FAILED", "failed"), ("UNEXEC", "unreached"), ("SKIP", "skipped")}

folder = Path(sys.argv[1])
call = runpy.run_path(str(folder / "client.py"))["call"]
shown = json.loads((folder / "shown.json").read_text(encoding="utf-8"))

status = call("GET", "pipelines/shop/status")
# BK-CI counts the stage of triggers as a stage, which is no part of a run.
stages = status["latestBuildStageStatus"][1:]
rows = [
    (f"release {status['latestBuildNum']}", status["latestBuildStatus"], shown["outcome"]),
    *(
        (told["name"], told["status"], seen["outcome"])
        for told, seen in zip(stages, shown["stages"], strict=True)
    ),
]
print(f"{'':<12}{'BK-CI':<10}command line")
for row in rows:
    print("{:<12}{:<10}{}".format(*row))

same_run = status["latestBuildId"] == "b-" + shown["id"] and status["latestBuildNum"] == shown["number"]
if not same_run or any((told, seen) not in SAME for _, told, seen in rows):
    sys.exit("BK-CI's API and the command line should tell the same")
