"""The files of docs/deploy: linters and schemas of the tools that read them, and the rights that they ask for."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from services_needed import need

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "docs" / "deploy"
GOLDEN = ROOT / "tests" / "golden"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
KUBERNETES = ("1.29", "1.31", "1.33", "1.34")
"""Releases whose schemas the objects are held to."""


def found(program: str) -> str:
    """Return the path of a program of this environment or this machine; skip the test without it."""
    here = Path(sys.executable).parent / program
    path = str(here) if here.exists() else shutil.which(program)
    need(program, path is not None)
    return path or ""


def run(*words: str | Path) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_image_passes_hadolint() -> None:
    assert run(found("hadolint"), "--failure-threshold", "style", DEPLOY / "Dockerfile") == ""


def test_the_image_has_glibc_and_no_root_and_all_that_a_build_needs() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", bases[0])
    assert re.findall(r"^USER (.*)", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    needed |= {f"{folder}/" for folder in (*wheel["packages"], *wheel["shared-data"])}
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    assert {name for line in copied for name in line.split()} == needed
    extras = re.findall(r"'\.\[(\w+)\]'", DOCKERFILE)
    assert extras
    assert set(extras) <= project["project"]["optional-dependencies"].keys()


def objects(text: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(text) if one]


def built() -> str:
    return run(found("kubectl"), "kustomize", DEPLOY / "kustomize")


@pytest.mark.parametrize("release", KUBERNETES)
def test_what_kubernetes_reads_follows_its_schemas(release: str) -> None:
    schemas = pytest.importorskip("kubernetes_validate")
    printed = (GOLDEN / "schedule_kubernetes.txt").read_text("utf-8")
    sources = [path.read_text("utf-8") for path in DEPLOY.glob("kustomize/*.yaml") if path.stem != "kustomization"]
    kinds = []
    for one in (each for text in (printed, *sources) for each in objects(text)):
        schemas.validate(one, release, strict=True)
        kinds.append(one["kind"])
    assert {"CronJob", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "PersistentVolumeClaim"} <= set(kinds)


def test_the_base_builds_and_its_pods_have_few_rights() -> None:
    by_kind = {one["kind"]: one for one in objects(built())}
    deployment = by_kind["Deployment"]["spec"]
    pod, labels = deployment["template"]["spec"], deployment["template"]["metadata"]["labels"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    [container] = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    for kind, key in (("NetworkPolicy", "podSelector"), ("PodDisruptionBudget", "selector")):
        assert by_kind[kind]["spec"][key]["matchLabels"].items() <= labels.items()
    assert deployment["selector"]["matchLabels"].items() <= labels.items()


def test_compose_gives_the_worker_few_rights() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert compose.keys() == {"name", "services", "networks", "volumes", "secrets"}
    worker, database = compose["services"]["okrsync"], compose["services"]["database"]
    assert (worker["read_only"], worker["cap_drop"], worker["tmpfs"]) == (True, ["ALL"], ["/tmp"])  # noqa: S108
    assert worker["security_opt"] == ["no-new-privileges:true"]
    assert worker["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert (DEPLOY / worker["build"]["context"] / worker["build"]["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    assert "ports" not in worker.keys() | database.keys(), "nothing is reached from outside"
    for service in (worker, database):
        assert set(service["networks"]) <= compose["networks"].keys()
        assert set(service.get("secrets", ())) <= compose["secrets"].keys()
    assert compose["networks"]["inner"] == {"internal": True}
    assert "PASSWORD:" not in (DEPLOY / "compose.yaml").read_text("utf-8").replace("PASSWORD_FILE", "")


def units() -> dict[str, str]:
    """The unit of a worker, and those that `schedule print systemd` prints, with a program that is there."""
    texts = {path.name: path.read_text("utf-8") for path in DEPLOY.glob("systemd/*")}
    printed = (GOLDEN / "schedule_systemd.txt").read_text("utf-8")
    for part in re.split(r"^# /etc/systemd/system/", printed, flags=re.MULTILINE)[1:]:
        name, _, text = part.partition("\n")
        texts[name] = text
    return {
        name: re.sub(r"^(Exec\w+=)\S*okrsync ", r"\1/bin/true ", text, flags=re.MULTILINE)
        for name, text in texts.items()
    }


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = found("systemd-analyze")
    made = units()
    assert len(made) == 7
    for name, text in made.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert run(program, "verify", *(tmp_path / name for name in made)) == ""


def test_commands_of_the_files_are_those_of_okrsync() -> None:
    from typer.main import get_command

    from syncer.cli import app

    fleet = get_command(app).commands["fleet"].commands  # type: ignore[attr-defined]
    said = [
        *re.findall(r"okrsync fleet (\w+)", "\n".join(path.read_text("utf-8") for path in DEPLOY.glob("*/*.service"))),
        *re.findall(r'"fleet", "(\w+)"', DOCKERFILE),
        *re.findall(r"\[fleet, (\w+),", (DEPLOY / "kustomize/workers.yaml").read_text("utf-8")),
        *re.findall(r"okrsync fleet (\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")),
    ]
    assert len(said) == 4
    assert set(said) <= fleet.keys()
