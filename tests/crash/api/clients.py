"""What clients do, over and over: start builds, look at them, decide reviews, stop, run again; and what they do when an
answer does not come: they look, or ask again. Each change is written down with what was told of it."""

import random
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

from ferryman.testing.http import Answered
from tests.crash.api.ledger import Answer, Change, Ledger
from tests.crash.api.pipelines import GROUPS, ROOT, TOKEN, Tree
from tests.crash.api.town import Town

ENDED = ("SUCCEED", "FAILED", "CANCELED")
PAUSE = 0.03
"""Seconds between two looks at a build."""
NOT_WAITING, NOT_ITS_TURN = 2101167, 2101073
STOPPED_ALREADY, TOO_SOON = 2101182, 2101019


class Speaker:
    """Somebody who speaks to the server."""

    def __init__(self, town: Town, ledger: Ledger, pipelines: Mapping[str, str]) -> None:
        """`pipelines` are ids by what is done with their builds."""
        self.town = town
        self.ledger = ledger
        self.pipelines = pipelines

    def read(self, path: str, **query: Any) -> Any:
        """What is there now, as soon as somebody tells."""
        answer = None
        while answer is None:
            answer = self.town.ask("cleo", "GET", f"{ROOT}/{path}?{urlencode(query)}")
        assert answer.json["status"] == 0, answer.json
        return answer.json["data"]

    def builds(self, kind: str) -> list[Tree]:
        """All builds of a pipeline, newest first."""
        found: list[Tree] = []
        page = 0
        while True:
            page += 1
            told = self.read(f"{self.pipelines[kind]}/builds/history", page=page, pageSize=100)
            found += told["records"]
            if page >= told["totalPages"]:
                # What is started meanwhile moves records onto the next page.
                return list({each["id"]: each for each in found}.values())

    def change(self, change: Change, by: str, path: str, body: Any = None) -> Answer:
        """Ask for a change once."""
        answer = self.town.ask(by, "POST", f"{ROOT}/{path}", body, changes=True)
        return self.ledger.add(_told(change, by, answer))


def _told(change: Change, by: str, answer: Answered | None) -> Answer:
    if answer is None:
        return Answer(change, by, "nothing")
    assert answer.status < 500, answer.json
    if answer.status != 200:
        return Answer(change, by, "refused", code=answer.json["status"])
    data = answer.json["data"]
    if isinstance(data, dict):
        return Answer(change, by, "done", build=data["id"], number=data["num"])
    assert data is True
    return Answer(change, by, "done")


class Client(Speaker):
    """One client; what it does next is drawn."""

    def __init__(
        self, town: Town, ledger: Ledger, pipelines: Mapping[str, str], *, name: str, dice: random.Random
    ) -> None:
        """`name` begins its tokens."""
        super().__init__(town, ledger, pipelines)
        self._name = name
        self._dice = dice
        self._stories = {
            "quick": self._look_on,
            "queued": self._wait,
            "reviewed": self._review,
            "stopped": self._stop,
            "retried": self._run_again,
        }

    def live(self, over: Any) -> int:
        """One build after another until `over` is set; how many."""
        told = 0
        try:
            while not over.is_set():
                kind = self._dice.choice(list(self._stories))
                build = self._started(kind, f"{self._name}-{told}")
                told += 1
                if build:
                    self._stories[kind](kind, build)
        except BaseException as fault:
            self.town.fail(fault)
            raise
        return told

    def _started(self, kind: str, token: str) -> str:
        """The build of a start; empty where nobody answered and there is none."""
        change = Change("start", token)
        answer = self.change(change, "cleo", f"{self.pipelines[kind]}/builds/start", {TOKEN: token})
        assert answer.told != "refused", answer
        if answer.told == "done":
            return answer.build
        return next((each["id"] for each in self.builds(kind) if token_of(each) == token), "")

    def _ends(self, kind: str, build: str, *status: str) -> None:
        """It has ended, or will, with one of these statuses."""
        told = self._status(kind, build)
        assert told["status"] in status, told

    def _status(self, kind: str, build: str, among: Iterable[str] = ()) -> Tree:
        """How a build stands, once it has ended or has one of these statuses."""
        while True:
            told: Tree = self.read(f"{self.pipelines[kind]}/builds/{build}/status")
            if told["status"] in (*ENDED, *among):
                return told
            self.town.broken.wait(PAUSE)

    def _look_on(self, kind: str, build: str) -> None:
        self._ends(kind, build, "SUCCEED")

    def _wait(self, kind: str, build: str) -> None:
        """Where too many wait, the oldest of them is given up."""
        self._ends(kind, build, "SUCCEED", "CANCELED")

    def _review(self, kind: str, build: str) -> None:
        """Both groups say yes, or the second says no. Two reviewers decide at once, and ask until told."""
        refuses = self._dice.random() < 0.3
        for group, reviewers in GROUPS.items():
            told = self._status(kind, build, among=["STAGE_SUCCESS"])
            assert told["status"] == "STAGE_SUCCESS", told
            (ids,) = [
                {each["name"]: each["id"] for each in stage["checkIn"]["reviewGroups"]}
                for stage in self.read(f"{self.pipelines[kind]}/builds/{build}/detail")["model"]["stages"]
                if "checkIn" in stage
            ]
            no = refuses and group == "second"
            self._decided(kind, build, ids[group], reviewers, no=no)
        if not refuses:
            self._ends(kind, build, "SUCCEED")

    def _decided(self, kind: str, build: str, group: str, reviewers: list[str], *, no: bool) -> None:
        path = f"{self.pipelines[kind]}/builds/{build}/stages/stage-3/manualStart?cancel={str(no).lower()}"
        body = {"id": group, "reviewParams": [], "suggest": "no" if no else "yes"}

        def decide(reviewer: str) -> None:
            answer = self._until_told(Change("review", build, group), reviewer, path, body)
            assert answer.told == "done" or answer.code in (NOT_WAITING, NOT_ITS_TURN), answer

        with ThreadPoolExecutor() as both:
            list(both.map(decide, self._dice.sample(reviewers, 2)))

    def _stop(self, kind: str, build: str) -> None:
        """Stopped at any moment, and asked for again until told."""
        for _ in range(self._dice.randrange(4)):
            self.read(f"{self.pipelines[kind]}/builds/{build}/status")
        path = f"{self.pipelines[kind]}/builds/{build}/stop"
        answer = self._until_told(Change("stop", build), self._dice.choice(["ann", "cleo"]), path)
        assert answer.told == "done" or answer.code in (STOPPED_ALREADY, TOO_SOON), answer
        self._ends(kind, build, "CANCELED")

    def _run_again(self, kind: str, build: str) -> None:
        """It fails once. Who hears nothing of a retry looks whether there was one before asking again."""
        self._ends(kind, build, "FAILED")
        while self._executions(kind, build) == 1:
            path = f"{self.pipelines[kind]}/builds/{build}/retry"
            answer = self.change(Change("retry", build), "cleo", path)
            assert answer.told != "refused", answer
        self._ends(kind, build, "SUCCEED")

    def _executions(self, kind: str, build: str) -> int:
        told = self.read(f"{self.pipelines[kind]}/builds/{build}/detail")
        return int(told["executeCount"])

    def _until_told(self, change: Change, by: str, path: str, body: Any = None) -> Answer:
        answer = self.change(change, by, path, body)
        while answer.told == "nothing":
            answer = self.change(change, by, path, body)
        return answer


def token_of(build: Tree) -> str:
    """Whose start a build came from."""
    return next((str(each["value"]) for each in build["buildParameters"] if each["key"] == TOKEN), "")
