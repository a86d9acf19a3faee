"""A plugin bound to a command by the seed does a marketBuild's work, over HTTP and real processes (5.10; 12, row 8)."""

import sys
from pathlib import Path
from textwrap import dedent

from ferryman.testing.server import SEED
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
