"""Steps as they really run: environment, folders, values handed over, secrets, checkout, plugins, ends in words."""

import asyncio
import os
import subprocess
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from ferryman.domain.errors import NotFound
from ferryman.domain.policies import RunsOn
from ferryman.domain.status import Why
from ferryman.domain.work import (
    Action,
    CallHttp,
    Checkout,
    Impossible,
    RunPlugin,
    RunScript,
    Work,
    WorkResult,
)
from ferryman.executors.local import executor as local
from ferryman.ports.executor import Found
from ferryman.ports.secrets import NO_FIELD
from tests.executors.local.stage import LocalStage, until


class Secrets:
    """One secret, and who asked."""

    def __init__(self, **values: str) -> None:
        self.known = values
        self.asked: list[tuple[str, str]] = []

    async def resolve(self, project: str, name: str, field: str, *, run: str, key: str) -> str:
        self.asked.append((name, field))
        if name == "gone":
            raise NotFound("there is no secret gone in project p")
        if field not in self.known:
            raise NotFound(f"secret {name} has no field {field}", reason=NO_FIELD)
        return self.known[field]

    async def values(self, project: str) -> Sequence[str]:
        return tuple(self.known.values())


class Shop:
    """Runs one action after another in one job."""

    def __init__(self, stage: LocalStage, secrets: Secrets | None) -> None:
        self.stage, self.executor = stage, stage.executor(secrets=secrets)
        self.told: dict[str, WorkResult | Found] = {}
        self.count = 0

    async def do(self, action: Action, **facts: Any) -> WorkResult:
        """The result of one action."""
        self.count += 1
        key = f"s/j/t{self.count}#1.1"
        await self.executor.start(Work(run="r", key=key, project="p", action=action, folder="s/j", **facts))
        async with asyncio.timeout(60):
            while key not in self.told:
                await asyncio.sleep(0.005)
        result = self.told[key]
        assert isinstance(result, WorkResult)
        return result

    async def sh(self, text: str, **facts: Any) -> WorkResult:
        """The result of a shell script."""
        return await self.do(RunScript(text=text), **facts)

    async def said(self) -> list[str]:
        """What the last one printed."""
        return list(await self.stage.said("r", f"s/j/t{self.count}#1.1"))

    @property
    def space(self) -> Path:
        """The working folder."""
        return self.executor.folder("r", "s/j")


def in_shop(tmp_path: Path, story: Any, secrets: Secrets | None = None) -> None:
    """Tell a story in a shop of its own."""

    async def perform() -> None:
        stage = LocalStage(tmp_path / "data")
        shop = Shop(stage, secrets)
        try:
            await shop.executor.open(lambda end: shop.told.__setitem__(end.key, end))
            telling: Coroutine[Any, Any, None] = story(shop)
            await telling
            await shop.executor.close()
        finally:
            await stage.close()

    asyncio.run(perform())


def test_the_environment_is_made_from_scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 5: nothing of the server's own comes in."""
    monkeypatch.setenv("SERVERS_OWN", "1")

    async def story(shop: Shop) -> None:
        await shop.sh("env", env={"GIVEN": "yes", "FERRYMAN_RUN": "forged", "A=B": "x"})
        names = {line.partition("=")[0] for line in await shop.said()}
        assert names <= {"PATH", "HOME", "LANG", "WORKSPACE", "GIVEN", "PWD", "OLDPWD", "SHLVL", "_"} | {
            f"FERRYMAN_{word}" for word in ("RUN", "PROJECT", "STEP", "TEMP", "OUTPUT", "ENV", "ATTEMPT")
        }
        assert "GIVEN=yes" in await shop.said()
        assert "FERRYMAN_RUN=r" in await shop.said()
        assert f"WORKSPACE={shop.space}" in await shop.said()

    in_shop(tmp_path, story)


def test_a_shell_that_reads_a_file_first_works_like_any_other(tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.write_text("more() { echo more of it; }\n")

    async def story(shop: Shop) -> None:
        text = "#!/usr/bin/env bash\nmore\nsetEnv COLOR blue\nno-such-program"
        ended = await shop.sh(text, env={"BASH_ENV": str(more)})
        first, second = await shop.said()
        assert first == "more of it"
        assert "line 4" in second
        assert "no-such-program" in second
        assert ended.variables == {"COLOR": "blue"}
        assert ended.outcome == "failed"

    in_shop(tmp_path / "shop", story)


def test_steps_of_a_job_share_its_folder_until_it_is_released(tmp_path: Path) -> None:
    async def story(shop: Shop) -> None:
        await shop.sh("echo kept >note; mkdir shut; touch shut/x; chmod 0 shut")
        await shop.sh('cat note; cd; test "$PWD" != "$WORKSPACE"')
        assert await shop.said() == ["kept"]
        await shop.executor.release("r", "s/j")
        # What the last step came to is still being recorded, maybe, when it is released.
        await until(lambda: not list((tmp_path / "data" / "work").iterdir()))

    in_shop(tmp_path, story)


@pytest.mark.parametrize("interpreter", ["sh", "bash"])
def test_line_numbers_of_a_script_are_its_own(interpreter: str, tmp_path: Path) -> None:
    async def story(shop: Shop) -> None:
        await shop.do(RunScript(text="true\n\nnosuchcommand\n", interpreter=interpreter))
        (line,) = await shop.said()
        assert "3:" in line or "line 3" in line

    in_shop(tmp_path, story)


@pytest.mark.parametrize("interpreter", ["sh", "bash", "python"])
def test_a_script_whose_lines_end_as_elsewhere_runs_as_it_was_meant(interpreter: str, tmp_path: Path) -> None:
    shell = [f"#!/bin/{interpreter}", "for word in a b; do", '  echo "in $word"', "done", "", "exit 3"]
    python = ["import sys", "for word in ('a', 'b'):", "    print('in', word)", "", "sys.exit(3)"]
    text = "\r\n".join(python if interpreter == "python" else shell)

    async def story(shop: Shop) -> None:
        result = await shop.do(RunScript(text=text, interpreter=interpreter))
        assert result.reason.facts["code"] == "3"
        assert await shop.said() == ["in a", "in b"]

    in_shop(tmp_path, story)


def test_the_first_failing_command_ends_a_script_unless_it_may_go_on(tmp_path: Path) -> None:
    """Semantics 7.6: the exit code of the whole script counts then."""

    async def story(shop: Shop) -> None:
        assert (await shop.sh("false\necho on")).reason.facts["code"] == "1"
        assert await shop.said() == []
        going_on = RunScript(text="false\necho on", stop_at_first_failure=False)
        assert (await shop.do(going_on)).outcome == "succeeded"
        assert await shop.said() == ["on"]
        assert (await shop.do(RunScript(text="", interpreter="bash"))).outcome == "succeeded"

    in_shop(tmp_path, story)


def test_what_a_step_hands_on(tmp_path: Path) -> None:
    """Semantics 15.2: kept whether the step succeeds or fails; RULINGS 19."""

    async def story(shop: Shop) -> None:
        result = await shop.sh(
            'setEnv COLOR "deep\nblue"\ntest "$COLOR" = "deep\nblue"\n'
            'echo "::set-variable name=SIZE::7"\necho "::set-gate-value name=cover::81"\n'
            'echo "::set-remark good"\nprintf "FILE=a.tgz\\nNOTE<<E\\n1\\n2\\nE\\n" >>"$FERRYMAN_OUTPUT"\n'
            'echo "::set-output name=LINK::x::y" >&2\necho "::set-error no paint left"\nexit 4'
        )
        assert result.variables == {"COLOR": "deep\nblue", "SIZE": "7"}
        assert result.outputs == {"FILE": "a.tgz", "NOTE": "1\n2", "LINK": "x::y"}
        assert (result.gate_values, result.remark) == ({"cover": "81"}, "good")
        assert (result.outcome, result.error_code) == ("failed", 2199011)
        assert result.reason.facts["message"].startswith("no paint left (ended with exit code 4 after ")
        assert (await shop.sh("setEnv 1x y")).outcome == "failed"
        assert "no name" in (await shop.said())[0]

    in_shop(tmp_path, story)


def test_a_value_may_hold_whatever_some_take_for_the_end_of_a_line(tmp_path: Path) -> None:
    """RULINGS 19: lines NAME=VALUE. Form feeds, separators of other alphabets and carriage returns end no line."""
    odd = "a\fb\vc\x1cd\x85e\u2028f\rg\r\nh"

    async def story(shop: Shop) -> None:
        line = odd.partition("\r\n")[0]
        result = await shop.sh(
            'setEnv ODD "$GIVEN"\nprintf "LINE=%s\\nNEXT=1\\n" "$LINE" >>"$FERRYMAN_OUTPUT"',
            env={"GIVEN": odd, "LINE": line},
        )
        assert result.variables == {"ODD": odd}
        assert result.outputs == {"LINE": line, "NEXT": "1"}

    in_shop(tmp_path, story)


def test_of_a_file_that_is_too_long_whole_values_are_taken_and_the_log_says_so(tmp_path: Path) -> None:
    """LOG-2: what is missing is told; half a value is none."""

    async def story(shop: Shop) -> None:
        result = await shop.sh(
            'exec >>"$FERRYMAN_OUTPUT"; echo FIRST=1; printf BIG=\n'
            "head -c 5000000 /dev/zero | tr '\\0' x; echo; echo LAST=1"
        )
        assert result.outputs == {"FIRST": "1"}
        (said,) = await shop.said()
        assert (
            said == "$FERRYMAN_OUTPUT is too long: what stands behind its first 4,194,304 bytes is left out"
        )

    in_shop(tmp_path, story)


def test_a_value_that_is_never_ended_is_told_and_is_none_where_its_file_is_cut(tmp_path: Path) -> None:
    """LOG-2: what followed belonged to the value before, without a word."""

    async def story(shop: Shop) -> None:
        result = await shop.sh('printf "A=1\\nB<<END\\nx\\nC=2\\n" > "$FERRYMAN_OUTPUT"')
        assert result.outputs == {"A": "1", "B": "x\nC=2"}
        assert await shop.said() == [
            "$FERRYMAN_OUTPUT: B<< is never ended: all lines below belong to its value"
        ]

    async def cut(shop: Shop) -> None:
        result = await shop.sh(
            'exec >>"$FERRYMAN_OUTPUT"; echo FIRST=1; echo "BIG<<END"; yes line | head -c 5000000; echo END'
        )
        assert result.outputs == {"FIRST": "1"}

    in_shop(tmp_path / "whole", story)
    in_shop(tmp_path / "cut", cut)


def test_a_command_too_long_to_be_one_is_told(tmp_path: Path) -> None:
    """LOG-2: its value was lost without a word."""

    async def story(shop: Shop) -> None:
        result = await shop.sh(
            "printf '::set-output name=BIG::'; head -c 100000 /dev/zero | tr '\\0' x; echo; "
            "echo '::set-output name=NEXT::1'"
        )
        assert result.outputs == {"NEXT": "1"}
        assert (await shop.said())[-1].startswith(
            "1 ::set- line is longer than 65,536 bytes: nothing is taken"
        )

    in_shop(tmp_path, story)


def test_lines_that_hand_nothing_over_are_told(tmp_path: Path) -> None:
    """The second line of a value that was written as one was lost without a word."""

    async def story(shop: Shop) -> None:
        result = await shop.sh('printf "A=1\\n\\n# note\\n2\\nB<<E\\nx\\nE\\n3\\n" > "$FERRYMAN_OUTPUT"')
        assert result.outputs == {"A": "1", "B": "x"}
        (said,) = await shop.said()
        assert said.startswith("$FERRYMAN_OUTPUT: line 4 and 1 more left out: not NAME=VALUE")

    in_shop(tmp_path, story)


def test_what_is_no_file_hands_nothing_on(tmp_path: Path) -> None:
    """Whoever opened a pipe without a writer would wait for ever, and everybody with them."""

    async def story(shop: Shop) -> None:
        result = await shop.sh(
            'mkfifo "$FERRYMAN_OUTPUT"; mkdir "$FERRYMAN_ENV"; echo "::set-output name=A::1"'
        )
        assert (result.outcome, result.outputs, result.variables) == ("succeeded", {"A": "1"}, {})
        assert (await shop.said())[1:] == [
            "$FERRYMAN_OUTPUT is no file: nothing of it is taken",
            "$FERRYMAN_ENV is no file: nothing of it is taken",
        ]

    in_shop(tmp_path, story)


def test_a_link_hands_over_nothing_that_the_step_itself_cannot_see(tmp_path: Path) -> None:
    """RULINGS 18: steps do not see Ferryman's own files, so nothing reads these for them."""
    (tmp_path / "own").write_text('KEY=own\n{"outputs": {"KEY": "own"}}\n')
    (tmp_path / "own.json").write_text('{"outputs": {"KEY": "own"}, "message": "own"}')

    async def story(shop: Shop) -> None:
        left = await shop.sh(
            f'for f in OUTPUT ENV; do ln -s "{tmp_path}/own" "$(eval echo \\$FERRYMAN_$f)"; done'
        )
        assert (left.outcome, left.outputs, left.variables) == ("succeeded", {}, {})
        assert "$FERRYMAN_OUTPUT is a link: nothing of it is taken" in await shop.said()
        for make, what in (
            (f"ln -s '{tmp_path}/own.json'", "a link"),
            ("mkdir", "no file"),
            ("mkfifo", "no file"),
        ):
            answer = await shop.do(RunPlugin(command=("sh", "-c", f'{make} "$FERRYMAN_RESULT"')))
            assert (answer.outcome, answer.error_code, answer.outputs) == ("failed", 2199004, {})
            assert (
                answer.reason.facts["message"] == f"what it left in $FERRYMAN_RESULT is {what}, and not read"
            )

    in_shop(tmp_path, story)


def test_a_result_that_is_too_long_is_called_so(tmp_path: Path) -> None:
    async def story(shop: Shop) -> None:
        fill = (
            'printf "{\\"message\\": \\"" > $FERRYMAN_RESULT; head -c 5000000 /dev/zero >> $FERRYMAN_RESULT'
        )
        left = await shop.do(RunPlugin(command=("sh", "-c", fill)))
        assert (left.outcome, left.error_code) == ("failed", 2199004)
        assert (
            left.reason.facts["message"] == "what it left in $FERRYMAN_RESULT is longer than 4,194,304 bytes"
        )

    in_shop(tmp_path, story)


def test_ends_in_words(tmp_path: Path) -> None:
    """ERR-5: exit code or signal, duration, and why nothing could start."""

    async def story(shop: Shop) -> None:
        killed = await shop.sh("kill -9 $$")
        assert killed.reason.facts["signal"] == "SIGKILL"
        assert killed.reason.facts["message"].startswith("ended with signal SIGKILL after ")
        missing = await shop.do(RunScript(text="x", interpreter="nosuch"))
        assert (missing.error_code, missing.reason.kind) == (2199009, Why.ENVIRONMENT_FAILED)
        assert "nosuch" in missing.reason.facts["message"]
        null = await shop.sh("true", env={"A": "x\0y"})
        assert "null character" in null.reason.facts["message"]
        long = await shop.sh("true", env={"A": "x" * 300_000})
        assert "A with its value has 300,003 bytes, which is longer" in long.reason.facts["message"]
        many = await shop.sh("true", env={f"A{n}": "x" * (100_000 + n) for n in range(40)})
        assert "longest variable is A39, with 100,044" in many.reason.facts["message"]
        lacking = await shop.sh("true", runs_on=RunsOn(kind="pool", name="blue"))
        assert "pool blue" in lacking.reason.facts["message"]
        foreign = Impossible(message="shell cmd needs Windows", code=2199009)
        both = await shop.do(foreign, runs_on=RunsOn(kind="pool", name="blue"))
        assert "pool blue" in both.reason.facts["message"]
        assert "needs Windows" in (await shop.do(foreign)).reason.facts["message"]
        assert (await shop.do(Impossible(message="no", code=7))).error_code == 7
        assert (await shop.do(CallHttp(url="x"))).outcome == "failed"

    in_shop(tmp_path, story)


def test_a_step_that_leaves_processes_is_told_so(tmp_path: Path) -> None:
    async def story(shop: Shop) -> None:
        assert (await shop.sh("sleep 600 &")).outcome == "succeeded"
        assert await shop.said() == ["the step had left a process running; ended with it"]
        assert shop.stage.living() == 0

    in_shop(tmp_path, story)


def test_a_script_that_writes_to_dev_stderr_keeps_what_follows(tmp_path: Path) -> None:
    """Promise 7, LOG-2: to a shell `> /dev/stderr` is a file, which it empties."""

    async def story(shop: Shop) -> None:
        assert (await shop.sh("echo before\necho warning > /dev/stderr\necho after")).outcome == "succeeded"
        said = await shop.said()
        assert said[-3:-1] == ["warning", "after"]
        assert any("has emptied its own output" in line for line in said)
        assert said[-1].startswith("missing: ")

    in_shop(tmp_path, story)


def test_a_step_that_prints_too_much_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LOG-9: the limit is said, in the log and in the reason."""

    async def story(shop: Shop) -> None:
        shop.executor._most_output = 100_000
        result = await shop.sh("while :; do echo more and more; done")
        assert result.reason.facts["message"].startswith("it printed more than 100,000 bytes")

    monkeypatch.setattr(local, "LOOK_EVERY", 0.01)
    in_shop(tmp_path, story)


def test_secrets_reach_the_process_and_nothing_else(tmp_path: Path) -> None:
    """DESIGN, promise 8; RULINGS 1: only those that the work names, and no file holds them."""
    secrets = Secrets(password="s3cr3t-value", user="u")

    async def story(shop: Shop) -> None:
        text = 'test "${{ settings.db.password }}" = "$PW"\necho ${{ settings.x.password }}'
        result = await shop.do(
            RunScript(text=text, interpreter="bash"),
            secrets=("db",),
            env={"PW": "${{ settings.db.password }}"},
        )
        # The name that the work does not give stays a placeholder, which bash cannot read.
        assert result.outcome == "failed"
        assert secrets.asked == [("db", "password")]
        fine = await shop.sh(
            'test -n "${{ settings.db.password }}" && echo ${{ settings.db.user }}long', secrets=("db",)
        )
        assert fine.outcome == "succeeded"
        for folder, _, files in os.walk(tmp_path):
            for name in files:
                path = Path(folder, name)
                if path.is_file():
                    assert b"s3cr3t-value" not in path.read_bytes(), path
        first_line = await shop.sh("#!/bin/${{ settings.db.password }}", secrets=("db",))
        assert first_line.reason.facts["message"].startswith("the script needs /bin/******, which")
        gone = await shop.sh("${{ settings.db.other }}", secrets=("db",))
        assert (gone.error_code, gone.reason.facts["message"]) == (2199003, "secret db has no field other")

    in_shop(tmp_path, story, secrets)


def test_no_secrets_are_kept_here(tmp_path: Path) -> None:
    async def story(shop: Shop) -> None:
        result = await shop.sh("${{ settings.db.other }}", secrets=("db",))
        assert "no secrets are kept here" in result.reason.facts["message"]

    in_shop(tmp_path, story)


def test_a_secret_that_is_kept_while_a_step_runs_is_masked_in_what_it_prints_from_then_on(
    tmp_path: Path,
) -> None:
    """LOG-6: it may have got the value elsewhere, as whoever kept it has."""
    secrets = Secrets(value="known before")

    async def story(shop: Shop) -> None:
        text = "echo known before; until [ -e go ]; do sleep 0.01; done; echo kept later, known before"
        running = asyncio.create_task(shop.sh(text))
        async with asyncio.timeout(60):
            while not shop.count or await shop.said() != ["******"]:
                await asyncio.sleep(0.005)
        secrets.known["later"] = "kept later"
        (shop.space / "go").touch()
        await running
        assert await shop.said() == ["******", "******, ******"]

    in_shop(tmp_path, story, secrets)


def test_a_plugin_reads_its_input_and_writes_its_result(tmp_path: Path) -> None:
    async def story(shop: Shop) -> None:
        program = (
            "import json, os, sys\nwith open(os.environ['FERRYMAN_INPUT']) as file: given = json.load(file)\n"
            "answer = {'outputs': {'twice': given['n'] * 2}, 'message': 'odd', 'error_code': 12}\n"
            "with open(os.environ['FERRYMAN_RESULT'], 'w') as file: json.dump(answer, file)\nsys.exit(given['n'] % 2)"
        )
        fine = await shop.do(RunPlugin(command=("python3", "-c", program), input={"n": 4}))
        assert (fine.outcome, fine.outputs) == ("succeeded", {"twice": 8})
        bad = await shop.do(RunPlugin(command=("python3", "-c", program), input={"n": 3}))
        assert (bad.outcome, bad.error_code, bad.outputs) == ("failed", 12, {"twice": 6})
        assert bad.reason.facts["message"].startswith("odd (")
        for text, fault in (
            ("{oops", "what it left in $FERRYMAN_RESULT is no JSON: "),
            (
                '{"outputs": {"half": "\\ud800"}}',
                "what it left in $FERRYMAN_RESULT is no JSON: 'utf-8' codec",
            ),
            ('{"outputs": {"n": NaN}}', "what it left in $FERRYMAN_RESULT is no JSON: Out of range"),
            ('{"outputs": {"n": 1e999}}', "what it left in $FERRYMAN_RESULT is no JSON: Out of range"),
            ("[1]", "what it left in $FERRYMAN_RESULT is JSON, but no object"),
            ('{"outputs": [1]}', "in $FERRYMAN_RESULT, outputs must be an object"),
            (
                '{"outputs": {"n": ' + "[" * 99 + "]" * 99 + "}}",
                "what it left in $FERRYMAN_RESULT is nested deeper than 100 levels",
            ),
        ):
            left = await shop.do(RunPlugin(command=("sh", "-c", f"echo '{text}' > $FERRYMAN_RESULT")))
            assert (left.outcome, left.error_code) == ("failed", 2199004)
            assert left.reason.facts["message"].startswith(fault)
        deep = '{"outputs": {"n": ' + "[" * 98 + "]" * 98 + "}}"
        taken = await shop.do(RunPlugin(command=("sh", "-c", f"echo '{deep}' > $FERRYMAN_RESULT")))
        assert taken.outcome == "succeeded"
        fell = await shop.do(RunPlugin(command=("sh", "-c", "echo '{' > $FERRYMAN_RESULT; exit 3")))
        assert (fell.error_code, fell.reason.facts["code"]) == (2199011, "3")
        empty = await shop.do(RunPlugin(command=("sh", "-c", ": > $FERRYMAN_RESULT")))
        assert empty.outcome == "succeeded"
        await shop.sh("printf '#!/bin/sh\\nexit 5' > tool; chmod +x tool")
        own = await shop.do(RunPlugin(command=("./tool",)))
        assert own.reason.facts["code"] == "5"
        missing = await shop.do(RunPlugin(command=("nosuch",), plugin="atomX@1.*"))
        assert missing.reason.facts["message"] == (
            "the command nosuch is not on this machine, to which plugin atomX@1.* is bound: install it, or name "
            "another under [[plugins]] in the settings"
        )
        unbound = await shop.do(RunPlugin(command=(), plugin="atomX@1.*"))
        assert unbound.reason.facts["message"] == (
            "plugin atomX@1.* is bound to no command: name one under [[plugins]] in the settings"
        )

    in_shop(tmp_path, story)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two commits on main, a tag on the first, and a branch."""
    place = tmp_path / "repository"
    script = (
        f"git init -q -b main '{place}' && cd '{place}' && git config user.name Ann && git config user.email a@b.c\n"
        "echo 1 >file; git add .; git commit -q -m 'first: one'; git tag v1\n"
        "git checkout -q -b side; echo side >file; git commit -q -a -m side; git checkout -q main\n"
        "echo 2 >file; git commit -q -a -m 'second: two'"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run(["sh", "-ec", script], check=True, env=environment)
    return place


@pytest.mark.parametrize(
    ("ref", "kind", "content"),
    [("main", "branch", "2"), ("side", "branch", "side"), ("", "branch", "2"), ("v1", "tag", "1")],
)
def test_checkout_by_branch_and_tag(
    ref: str, kind: str, content: str, repository: Path, tmp_path: Path
) -> None:
    async def story(shop: Shop) -> None:
        result = await shop.do(Checkout(url=str(repository), ref=ref, ref_kind=kind, folder="src"))
        assert result.outcome == "succeeded", await shop.said()
        assert (shop.space / "src" / "file").read_text().strip() == content
        assert result.outputs["author"] == "Ann <a@b.c>"
        assert len(result.outputs["commit"]) == 40

    in_shop(tmp_path, story)


def test_checkout_by_commit_again_and_what_fails(repository: Path, tmp_path: Path) -> None:
    commit = subprocess.check_output(["git", "-C", repository, "rev-parse", "v1"], text=True).strip()
    secrets = Secrets(username="me", password="s3cr3t-value")

    async def story(shop: Shop) -> None:
        for ref in (commit, commit[:9]):
            result = await shop.do(Checkout(url=str(repository), ref=ref, ref_kind="commit", secret="git"))
            assert result.outputs["commit"] == commit, await shop.said()
        (shop.space / "rubbish").touch()
        await shop.do(Checkout(url=str(repository), ref="main"))
        assert not (shop.space / "rubbish").exists()
        assert (shop.space / "file").read_text() == "2\n"
        assert "s3cr3t" not in (shop.space / ".git" / "config").read_text()
        bad = await shop.do(Checkout(url=str(repository), ref="nope"))
        assert bad.outcome == "failed", (bad, await shop.said())
        assert bad.reason.facts["message"].startswith("cannot fetch branch nope")
        assert str(await shop.said()).count("cannot fetch branch nope") == 1
        out = await shop.do(Checkout(url=str(repository), folder="../../x"))
        assert "leads out of the working folder" in out.reason.facts["message"]
        gone = await shop.do(Checkout(url=str(repository), secret="gone"), secrets=("gone",))
        assert gone.reason.facts["message"] == "there is no secret gone in project p"

    in_shop(tmp_path, story, secrets)


def test_a_copy_of_one_commit_gets_the_whole_history_when_all_is_asked_for(
    repository: Path, tmp_path: Path
) -> None:
    async def story(shop: Shop) -> None:
        for depth, commits in ((1, 1), (0, 2), (1, 1), (0, 2)):
            done = await shop.do(Checkout(url=f"file://{repository}", ref="main", depth=depth))
            assert done.outcome == "succeeded", await shop.said()
            log = subprocess.check_output(["git", "-C", shop.space, "log", "--format=%s"], text=True)
            assert len(log.splitlines()) == commits
        url = f"file://{repository}"
        await shop.do(Checkout(url=url, ref="main", depth=1, folder="new"))
        first = subprocess.check_output(["git", "-C", repository, "rev-parse", "v1"], text=True)[:9]
        for name in ("refs/heads/side", "refs/tags/v1"):
            subprocess.run(["git", "-C", repository, "update-ref", "-d", name], check=True)
        found = await shop.do(Checkout(url=url, ref=first, ref_kind="commit", depth=1, folder="new"))
        assert found.outputs["commit"].startswith(first), await shop.said()

    in_shop(tmp_path, story)


def test_a_checkout_says_what_it_could_not_do_where_no_branch_was_named(tmp_path: Path) -> None:
    async def story(shop: Shop) -> None:
        nowhere = await shop.do(Checkout(url=str(tmp_path / "nowhere")))
        assert nowhere.reason.facts["message"].startswith("cannot fetch the default branch; the lines above")
        (shop.space / "file").touch()
        taken = await shop.do(Checkout(url=str(tmp_path / "nowhere"), folder="file"))
        assert taken.reason.facts["message"].startswith("the folder file cannot be made; the line above")

    in_shop(tmp_path, story)


def test_a_commit_is_never_taken_for_a_branch_or_tag_of_that_name(repository: Path, tmp_path: Path) -> None:
    """Whoever may push a branch could put another commit in the place of the one that was asked for."""

    def git(*words: str) -> str:
        return subprocess.check_output(["git", "-C", repository, *words], text=True).strip()

    commit = git("rev-parse", "v1")
    git("branch", commit[:9], "side")
    git("tag", commit[:8], "main")

    async def story(shop: Shop) -> None:
        for ref in (commit, commit[:9], commit[:8], commit.upper()[:8]):
            result = await shop.do(Checkout(url=str(repository), ref=ref, ref_kind="commit"))
            assert result.outputs["commit"] == commit, await shop.said()
        for ref in ("side", "v1"):
            bad = await shop.do(Checkout(url=str(repository), ref=ref, ref_kind="commit"))
            assert bad.reason.facts["message"].startswith(f"{ref} is no id of a commit")
        none = await shop.do(Checkout(url=str(repository), ref="0" * 12, ref_kind="commit"))
        assert none.reason.facts["message"].startswith("there is no commit 0000")

    in_shop(tmp_path, story)


def test_the_log_says_that_a_step_was_asked_to_stop(tmp_path: Path) -> None:
    """LOG-2: after a cancel, too, the log tells what happened, of a step that says nothing as well."""

    async def stopped(shop: Shop, text: str, *, force: bool) -> list[str]:
        shop.count += 1
        key = f"s/j/t{shop.count}#1.1"
        work = Work(run="r", key=key, project="p", action=RunScript(text=text), folder="s/j", patience_ms=200)
        await shop.executor.start(work)
        if "begun" in text:
            async with asyncio.timeout(60):
                while not (shop.space / "begun").exists():
                    await asyncio.sleep(0.005)
        for _ in range(2):
            await shop.executor.stop("r", key, force=force)
        async with asyncio.timeout(60):
            while key not in shop.told:
                await asyncio.sleep(0.005)
        return await shop.said()

    async def story(shop: Shop) -> None:
        asked = "the step was asked to stop; what is left of it after 200 ms is ended"
        assert await stopped(shop, "exec sleep 600", force=False) == [asked]
        last_words = "trap 'echo bye; exit' TERM; echo hello; touch begun; while :; do sleep 0.01; done"
        said = await stopped(shop, last_words, force=False)
        assert (said[:2], said[-1]) == (["hello", asked], "bye")
        assert await stopped(shop, "exec sleep 600", force=True) == ["the step is ended at once"]

    in_shop(tmp_path, story)
