"""A plugin bound to a command by the seed does a marketBuild's work, over HTTP and real processes (5.10; 12, row 8)."""

import sys
from pathlib import Path
from shutil import which
from textwrap import dedent

from ferryman.executors.local.surroundings import PATH
from ferryman.testing.server import SEED, started
from tests.dialects.bkci.client.caller import Caller
from tests.dialects.bkci.v3.test_builds_over_http import Client, box, model, script, told

GREETER = dedent(
    """
    import json, os, sys
    asked = json.load(open(os.environ["FERRYMAN_INPUT"]))
    print("greets", asked["who"], asked["times"])
    answer = {"outputs": {"WORDS": f"hello {asked['who']}", "FACTS": {"n": asked["times"]}}}
    if asked["who"] == "nobody":
        answer = {"message": "there is nobody to greet", "error_code": 2100077}
    json.dump(answer, open(os.environ["FERRYMAN_RESULT"], "w"))
    sys.exit(asked["who"] == "nobody")
    """
)


def seed(folder: Path) -> str:
    """A seed that binds the greeter."""
    place = folder / "greeter.py"
    place.write_text(GREETER, encoding="utf-8")
    command = ", ".join(f"'{word}'" for word in (sys.executable, str(place)))
    return f'{SEED}\n[[plugin]]\ncode = "greeter"\nversion = "1.*"\ncommand = [{command}]\n'


def test_a_bound_plugin_takes_its_input_and_hands_on_its_outputs(tmp_path: Path) -> None:
    greet = {
        "@type": "marketBuild",
        "name": "Greet",
        "id": "e-greet",
        "stepId": "greet",
        "atomCode": "greeter",
        "version": "1.*",
        "data": {"input": {"who": "${name}", "times": 3}, "output": {}, "namespace": ""},
    }
    said = script('echo "::set-remark ${{ steps.greet.outputs.WORDS }}"', id="e-said")

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(greet, said)]}))
        build = await asked.start(builds, {"name": "ann"})
        status = await asked.end(build)
        assert (status["status"], status["remark"]) == ("SUCCEED", "hello ann")
        log = await asked.good("GET", f"{build}/logs/init?tag=e-greet")
        assert "greets ann 3" in [line["message"] for line in log["logs"]]
        build = await asked.start(builds, {"name": "nobody"})
        assert (await asked.end(build))["status"] == "FAILED"
        bad = await asked.element(build)
        assert (bad["status"], bad["errorType"], bad["errorCode"]) == ("FAILED", "USER", 2100077)
        assert "there is nobody to greet" in bad["errorMsg"]
        unbound = {**greet, "atomCode": "stranger", "id": "e-strange"}
        builds = await asked.create({**model({"containers": [box(unbound)]}), "name": "unbound"})
        build = await asked.start(builds, {"name": "ann"})
        assert (await asked.end(build))["status"] == "FAILED"
        bad = await asked.element(build)
        assert (bad["status"], bad["errorType"], bad["errorCode"]) == ("FAILED", "USER", 2199003)

    told(tmp_path, story, data=tmp_path / "data", seed=seed(tmp_path))


def test_a_file_beside_the_seed_is_found_wherever_the_job_runs(tmp_path: Path) -> None:
    """Issue 4: `command = ["python3", "plugin.py"]` in the form of the seed."""
    (tmp_path / "plugin.py").write_text("print('plugged in')\n", encoding="utf-8")
    bound = '[[plugin]]\ncode = "atom-code"\nversion = "1.*"\ncommand = ["python3", "plugin.py", "-x", "none.py"]\n'
    element = {"@type": "marketBuild", "name": "Plug", "atomCode": "atom-code", "version": "1.*", "data": {}}
    with started(data=tmp_path / "data", seed=f"{SEED}\n{bound}") as server:
        me = Caller(server.address, "operator")
        pipeline = me.make(model({"containers": [box(element)]}))
        build = me.start(pipeline)
        assert me.wait(pipeline, build)["status"] == "SUCCEED"
        lines = me.good("log_init", pipelineId=pipeline, buildId=build)["logs"]
        assert [line["message"] for line in lines] == ["plugged in"]


def test_scripts_of_windows_run_where_their_interpreter_is(tmp_path: Path) -> None:
    """12, row 22: BAT is refused when it is reached, with its code; the others run where something reads them."""

    def windows(kind: str, text: str) -> dict[str, str]:
        return {"@type": "windowsScript", "name": kind, "id": f"e-{kind}", "scriptType": kind, "script": text}

    shows = {
        "SHELL": ("SUCCEED", windows("SHELL", "test -n sh")),
        "PYTHON3": ("SUCCEED", windows("PYTHON3", "print('py')")),
        "PYTHON2": (
            "SUCCEED" if which("python2", path=PATH) else "FAILED",
            windows("PYTHON2", "print('py')"),
        ),
        "POWER_SHELL": (
            "SUCCEED" if which("pwsh", path=PATH) else "FAILED",
            windows("POWER_SHELL", "Write-Host x"),
        ),
        "BAT": ("FAILED", windows("BAT", "dir")),
    }

    async def story(asked: Client) -> None:
        jobs = [box(element) for _, element in shows.values()]
        builds = await asked.create(model({"containers": jobs}))
        build = await asked.start(builds)
        assert (await asked.end(build))["status"] == "FAILED"
        detail = await asked.good("GET", f"{build}/detail")
        elements = [each["elements"][0] for each in detail["model"]["stages"][1]["containers"]]
        assert [each["status"] for each in elements] == [word for word, _ in shows.values()]
        for each in elements:
            if each["status"] == "FAILED":
                assert (each["errorType"], each["errorCode"]) == ("USER", 2199009)

    told(tmp_path, story)
