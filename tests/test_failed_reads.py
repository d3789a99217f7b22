"""A source that fails: the exit code and the JSON of a run say so, also where the plan is safe."""

import json

import pytest

from command_kit import Shell
from fleet_kit import Teams


@pytest.mark.parametrize("command", ["dry-run", "sync"])
def test_a_run_whose_source_fails(shell: Shell, command: str) -> None:
    folder = Teams(shell).add("ads")
    at = ("-c", str(folder / "okrsync.yaml"), "--format", "json")
    done = shell.run(command, *at)
    data = json.loads(done.out)
    assert (done.code, data["safe"], data["complete"], data["failures"]) == (0, True, True, [])
    (folder / "deals.csv").unlink()
    for more in ((), ("--fail-on", "error")):
        done = shell.run(command, *at, *more)
        data = json.loads(done.out)
        assert (done.code, data["safe"], data["complete"]) == (4, True, False)
        [failure] = data["failures"]
        assert failure["measures"] == ["deals"]
        assert failure["error"]["code"] == "source"


@pytest.mark.parametrize("command", ["dry-run", "sync"])
def test_a_value_that_people_owe_is_no_failure(shell: Shell, command: str) -> None:
    folder = Teams(shell).add("ads")
    config = (folder / "okrsync.yaml").read_text("utf-8")
    (folder / "okrsync.yaml").write_text(config.replace(", measure: deals", ""), "utf-8")
    at = ("-c", str(folder / "okrsync.yaml"), "--format", "json")
    done = shell.run(command, *at)
    data = json.loads(done.out)
    assert (done.code, data["complete"], data["failures"]) == (4, False, [])
    assert shell.run(command, *at, "--fail-on", "error").code == 0
