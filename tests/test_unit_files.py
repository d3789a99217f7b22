import configparser
import os
import re
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import OkrsyncError
from golden_files import check_golden
from syncer.schedule.cron import calendar_lines, parse_cron, plain_cron, times, utc_crons
from syncer.schedule.steps import job_name, own_cron
from syncer.schedule.unit_files import KINDS, Kind, Scheduled, print_schedule


def printed(kind: Kind, **changes: Any) -> str:
    options: dict[str, Any] = {
        "config_path": Path("/srv/okr/okrsync.yaml"),
        "cron": "17 9 * * 1-5",
        "timezone": "Asia/Taipei",
        "secrets": ["JIRA_TOKEN", "GITHUB_TOKEN", "JIRA_EMAIL", "JIRA_TOKEN"],
        "secret_files": ["keys/service-account.json"],
        "ledger": ".okrsync/ledger.db",
        "install": "okrsync==0.1.0",
    }
    return print_schedule(kind, Scheduled(**(options | changes)))


MESSAGES = {"workspace_id": "core-7f3k", "digest": True, "reminders": True, "report": True}


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_the_golden_one(kind: Kind) -> None:
    check_golden(f"schedule_{kind}.txt", printed(kind, **MESSAGES))


def test_each_workspace_has_a_name_and_a_minute_of_its_own() -> None:
    ids = [f"team-{number}" for number in range(300)]
    minutes = [parse_cron(own_cron(one)).minutes for one in ids]
    assert {len(one) for one in minutes} == {1}
    assert max(minutes.count(one) for one in minutes) < 20
    assert own_cron("team-1") == own_cron("team-1")
    assert (0,) not in minutes, "everybody's machines are busy on the hour"
    odd = ["core-7f3k", "Core-7f3k", "core_7f3k", "core.7f3k", "核心", "業務", f"{'x' * 60}-a", f"{'x' * 60}-b"]
    names = [job_name(one, Path("okrsync.yaml")) for one in odd]
    assert names[0] == "okrsync-core-7f3k"
    assert len(set(names)) == len(odd)
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", one) for one in names)


@pytest.mark.parametrize(
    ("install", "word"),
    [("https://acme.example/okrsync-1.0-py3-none-any.whl", ""), ("okrsync @ git+https://x/y", "'")],
)
def test_okrsync_is_installed_from_where_the_user_says(install: str, word: str) -> None:
    assert steps(printed("github-actions", install=install))["Install okrsync"]["run"] == (
        f"python -m pip install {word}{install}{word}"
    )
    assert (
        f"pip install --no-cache-dir {word}{install}{word}"
        in pod(printed("kubernetes", install=install))["initContainers"][0]["args"][0]
    )


def test_an_image_with_okrsync_installs_nothing() -> None:
    text = printed("kubernetes", image="registry.acme.example/okrsync:1.0")
    [container] = pod(text)["containers"]
    assert (container["image"], container["command"]) == ("registry.acme.example/okrsync:1.0", ["okrsync"])
    assert "initContainers" not in pod(text)
    assert "program" not in text
    assert "pip" not in text


def test_messages_have_times_of_their_own() -> None:
    found = workflow(printed("github-actions", **MESSAGES))
    assert [one["cron"] for one in found["on"]["schedule"]] == ["17 9 * * 1-5", "17 10 * * 1", "17 10 * * 2-5"]
    assert len(units(printed("systemd", **MESSAGES))) == 6
    jobs = [one for one in yaml.safe_load_all(printed("kubernetes", **MESSAGES)) if one and one["kind"] == "CronJob"]
    assert [one["metadata"]["name"] for one in jobs] == [
        *("okrsync-core-7f3k", "okrsync-core-7f3k-digest", "okrsync-core-7f3k-reminders"),
    ]
    only = workflow(printed("github-actions", reminders=True))
    assert [one["cron"] for one in only["on"]["schedule"]][1:] == ["17 10 * * 1-5"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_comments_are_in_the_language_of_the_workspace_and_nothing_else_changes(kind: Kind) -> None:
    english, chinese = printed(kind), printed(kind, language="zh-TW")
    own = [[line for line in text.splitlines() if not re.match(r" *#", line)] for text in (english, chinese)]
    assert own[0] == own[1]
    notes = [line.strip() for line in chinese.splitlines() if re.match(r" *# [^ /]", line)]
    assert all(re.search(r"[\u4e00-\u9fff]", line) for line in notes), notes
    assert max(map(len, notes)) <= 120


PLAIN = {"secrets": [], "secret_files": [], "ledger": "postgresql://okr@db.acme.test/okr"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_workspace_without_secrets_and_files_has_none_of_them(kind: Kind) -> None:
    text = printed(kind, **PLAIN)
    assert "ecret" not in text
    assert not re.search(r"[^.]\benv\b", text.replace("env:\n                - name: HOME", ""))
    assert ".okrsync" not in text
    assert "db.acme.test" not in text
    assert "  \n" not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_runs_the_same_command(kind: Kind) -> None:
    words = "sync -c {} --fail-on error"
    expected = {
        "cron": f"okrsync {words.format('/srv/okr/okrsync.yaml')}",
        "systemd": f"ExecStart=okrsync {words.format('/srv/okr/okrsync.yaml')}",
        "github-actions": f"run: okrsync {words.format('okrsync.yaml')}",
        "kubernetes": "args: [sync, -c, /work/okrsync.yaml, --fail-on, error]",
    }
    assert expected[kind] in printed(kind)


def test_two_workspaces_have_two_names() -> None:
    assert "group: okrsync-sales-apac\n" in printed("github-actions", config_path=Path("/srv/okr/Sales (APAC).yaml"))
    assert "group: okrsync-hr\n" in printed("github-actions", config_path=Path("/srv/okr/okrsync-hr.yml"))
    assert "group: okrsync\n" in printed("github-actions", config_path=Path("/srv/okr/業務.yaml"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("option", ["config_path", "ledger", "command", "secret_files", "secrets", "timezone"])
def test_a_line_break_is_refused(kind: Kind, option: str) -> None:
    broken: Any = {"config_path": Path("/srv/a\nb"), "secret_files": ["a\nb"], "secrets": ["A\nB"]}.get(option, "a\nb")
    with pytest.raises(OkrsyncError, match="line break"):
        printed(kind, **{option: broken})


@pytest.mark.parametrize("kind", KINDS)
def test_an_expression_that_cannot_be_read_is_refused(kind: Kind) -> None:
    with pytest.raises(OkrsyncError, match=r"field 3 \(day of month\)"):
        printed(kind, cron="0 9 L * *")


def cron_line(text: str) -> str:
    (line,) = [line for line in text.splitlines() if line and line[0] in "*0123456789"]
    return line.split(maxsplit=5)[5]


def test_the_line_of_cron_runs_as_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "100% o'kr"
    folder.mkdir()
    program = folder / "my okrsync"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$JIRA_TOKEN" "$@"\n')
    program.chmod(0o700)
    (folder / "okrsync.env").write_text("JIRA_TOKEN='a b$c'\n")
    text = printed("cron", config_path=folder / "okrsync.yaml", command=shlex.quote(str(program)))
    command = re.sub(r"\\%", "%", cron_line(text))
    assert "%" not in cron_line(text).replace(r"\%", "")
    subprocess.run(["/bin/sh", "-c", command], check=True, env={}, cwd="/")
    message = (folder / "okrsync.log").read_text().splitlines()
    assert message == ["a b$c", "sync", "-c", str(folder / "okrsync.yaml"), "--fail-on", "error"]


def test_cron_tells_where_the_clock_is_utc() -> None:
    assert "# On a machine whose clock is UTC, the same times are:\n#   17 1 * * 1-5\n" in printed("cron")
    assert "# No single UTC line is right all year" in printed("cron", timezone="Europe/Berlin")
    assert "whose clock is UTC" not in printed("cron", timezone="UTC")


def units(text: str) -> dict[str, configparser.ConfigParser]:
    found = {}
    for part in re.split(r"^# /etc/systemd/system/", text, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        found[name] = configparser.ConfigParser(interpolation=None, strict=False)
        found[name].optionxform = str  # type: ignore[assignment,method-assign] # the documented way to keep case
        found[name].read_string(body)
    return found


def test_systemd_has_a_service_and_a_timer() -> None:
    found = units(printed("systemd"))
    assert list(found) == ["okrsync.service", "okrsync.timer"]
    service, timer = found["okrsync.service"]["Service"], found["okrsync.timer"]["Timer"]
    assert timer["OnCalendar"] == "Mon..Fri *-*-* 09:17:00 Asia/Taipei"
    assert service["Type"] == "oneshot"
    assert service["User"] == "okrsync"
    assert service["EnvironmentFile"] == "/etc/okrsync.env"
    assert service["ReadWritePaths"] == "/srv/okr"
    assert service["StateDirectory"] == "okrsync"
    assert service["TimeoutStartSec"] == "30min"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert found["okrsync.timer"]["Install"]["WantedBy"] == "timers.target"


@pytest.mark.parametrize(
    ("ledger", "state", "writable"),
    [
        ("/var/lib/acme/okr/ledger.db", "acme/okr", "/srv/okr"),
        ("/mnt/shared ledgers/ledger.db", "okrsync", '/srv/okr "/mnt/shared ledgers"'),
        ("postgresql://db/okr", "okrsync", "/srv/okr"),
        ("$LEDGER_URL", "okrsync", "/srv/okr"),
    ],
)
def test_systemd_lets_it_write_its_ledger(ledger: str, state: str, writable: str) -> None:
    service = units(printed("systemd", ledger=ledger))["okrsync.service"]["Service"]
    assert (service["StateDirectory"], service["ReadWritePaths"]) == (state, writable)


def test_systemd_reads_no_path_as_anything_else() -> None:
    text = printed("systemd", config_path=Path('/srv/o kr/100% "$x" \\.yaml'))
    service = units(text)["okrsync-100-x.service"]["Service"]
    assert service["ExecStart"] == r'okrsync sync -c "/srv/o kr/100%% \"$$x\" \\.yaml" --fail-on error'
    assert service["ReadWritePaths"] == '"/srv/o kr"'


def test_a_day_that_matches_by_date_or_weekday_has_two_lines_for_systemd() -> None:
    text = printed("systemd", cron="0 9 1 * 1")
    assert "OnCalendar=Mon *-*-* 09:00:00 Asia/Taipei\nOnCalendar=*-*-01 09:00:00 Asia/Taipei\n" in text


CALENDARS = {
    "*/15 8-18 * * *": ["*-*-* 08..18:00,15,30,45:00 UTC"],
    "* * * * *": ["*-*-* *:*:00 UTC"],
    "0 9 * * 5-7": ["Fri..Sun *-*-* 09:00:00 UTC"],
    "0 9 * * 0": ["Sun *-*-* 09:00:00 UTC"],
    "0 9 * * sat,mon": ["Mon,Sat *-*-* 09:00:00 UTC"],
    "5 0 1-7,15 jan,jul *": ["*-01,07-01..07,15 00:05:00 UTC"],
    "0 9 31 * 1-2": ["Mon,Tue *-*-* 09:00:00 UTC", "*-*-31 09:00:00 UTC"],
    "0 9 1 3 1": ["Mon *-03-* 09:00:00 UTC", "*-03-01 09:00:00 UTC"],
}


@pytest.mark.parametrize(("cron", "expected"), CALENDARS.items(), ids=CALENDARS)
def test_the_calendar_of_systemd(cron: str, expected: list[str]) -> None:
    assert calendar_lines(parse_cron(cron), "UTC") == expected


def test_sunday_is_0_for_kubernetes_and_github() -> None:
    assert plain_cron(parse_cron("0 9 * * 5-7")) == "0 9 * * 0,5,6"
    assert 'schedule: "0 9 * * 0"' in printed("kubernetes", cron="0 9 * * 7")
    assert '- cron: "0 9 * * 0"' in printed("github-actions", cron="0 9 * * 7")


def workflow(text: str) -> dict[str, Any]:
    found = yaml.safe_load(text)
    found["on"] = found.pop(True)  # YAML 1.1 reads `on` as true; GitHub does not
    return dict(found)


def steps(text: str) -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in workflow(text)["jobs"]["sync"]["steps"] if "name" in step}


def test_github_has_a_schedule_rights_and_no_overlap() -> None:
    found = workflow(printed("github-actions"))
    assert found["on"] == {
        "schedule": [{"cron": "17 9 * * 1-5", "timezone": "Asia/Taipei"}],
        "workflow_dispatch": None,
    }
    assert found["permissions"] == {"contents": "read"}
    assert found["concurrency"] == {"group": "okrsync", "cancel-in-progress": False}
    assert found["jobs"]["sync"]["timeout-minutes"] == 30


def test_github_gets_its_secrets_by_names_it_takes() -> None:
    found = steps(printed("github-actions"))
    assert found["Sync"]["env"] == {
        "GITHUB_TOKEN": "${{ secrets.OKRSYNC_GITHUB_TOKEN }}",
        "JIRA_EMAIL": "${{ secrets.JIRA_EMAIL }}",
        "JIRA_TOKEN": "${{ secrets.JIRA_TOKEN }}",
    }
    assert found["Install okrsync"]["run"] == "python -m pip install okrsync==0.1.0"
    assert "gh secret set OKRSYNC_GITHUB_TOKEN\n" in printed("github-actions")
    assert "OKRSYNC_" not in printed("github-actions", secrets=["JIRA_TOKEN"])


def test_github_keeps_the_ledger_also_when_a_run_fails(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    text = printed("github-actions", config_path=tmp_path / "teams/core/okrsync.yaml")
    found = steps(text)
    assert found["Bring the ledger back"]["with"]["path"] == "teams/core/.okrsync/ledger.db"
    assert found["Keep the ledger"]["with"]["path"] == "teams/core/.okrsync/ledger.db"
    assert found["Keep the ledger"]["if"] == "always()"
    assert found["Sync"]["run"] == "okrsync sync -c teams/core/okrsync.yaml --fail-on error"
    assert set(steps(printed("github-actions", **PLAIN))) == {"Install okrsync", "Sync"}


def test_a_ledger_by_name_is_a_secret() -> None:
    text = printed("github-actions", ledger="${LEDGER_URL}", secrets=[])
    assert steps(text)["Sync"]["env"] == {"LEDGER_URL": "${{ secrets.LEDGER_URL }}"}


def test_github_writes_the_secret_files(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    files = ["keys/service account.json", "../shared/service account.json", "token"]
    text = printed("github-actions", config_path=tmp_path / "okr/okrsync.yaml", secret_files=files)
    step = steps(text)["Write the secret files"]
    values = {name: f"secret of {name}\n\n" for name in step["env"]}
    assert set(step["env"].values()) == {f"${{{{ secrets.{name} }}}}" for name in values}
    subprocess.run(["/bin/sh", "-ec", step["run"]], check=True, cwd=tmp_path, env=values | {"PATH": os.environ["PATH"]})
    for path in files:
        written = tmp_path / "okr" / path
        assert written.read_text().startswith("secret of FILE_")
        assert written.read_text().endswith("\n\n")
        assert written.stat().st_mode & 0o077 == 0
    assert len({(tmp_path / "okr" / path).read_text() for path in files}) == 3


@pytest.mark.parametrize(
    ("zone", "message"), [("Asia/Kolkata", '#   - cron: "47 3 * * 1-5"'), ("Europe/Berlin", "changes its clocks")]
)
def test_github_tells_what_an_old_server_needs(zone: str, message: str) -> None:
    text = printed("github-actions", timezone=zone)
    assert message in text
    assert workflow(text)["on"]["schedule"] == [{"cron": "17 9 * * 1-5", "timezone": zone}]


def cluster(text: str) -> dict[str, dict[str, Any]]:
    return {document["kind"]: document for document in yaml.safe_load_all(text) if document}


def pod(text: str) -> dict[str, Any]:
    return dict(cluster(text)["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"])


def mounts(text: str) -> dict[str, str]:
    return {mount["mountPath"]: mount["name"] for mount in pod(text)["containers"][0]["volumeMounts"]}


def test_kubernetes_has_times_no_overlap_and_few_rights() -> None:
    text = printed("kubernetes")
    spec = cluster(text)["CronJob"]["spec"]
    assert (spec["schedule"], spec["timeZone"]) == ("17 9 * * 1-5", "Asia/Taipei")
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 1800
    assert pod(text)["restartPolicy"] == "Never"
    assert pod(text)["securityContext"]["runAsNonRoot"] is True
    assert pod(text)["automountServiceAccountToken"] is False
    for container in (*pod(text)["initContainers"], *pod(text)["containers"]):
        assert container["image"] == "python:3.12-slim"
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
    assert "okrsync==0.1.0" in pod(text)["initContainers"][0]["args"][0]
    assert "musl" in text


def test_kubernetes_refers_to_its_secrets() -> None:
    env = {entry["name"]: entry for entry in pod(printed("kubernetes"))["containers"][0]["env"]}
    assert env["GITHUB_TOKEN"]["valueFrom"] == {"secretKeyRef": {"name": "okrsync-secrets", "key": "GITHUB_TOKEN"}}
    assert set(env) == {"HOME", "GITHUB_TOKEN", "JIRA_EMAIL", "JIRA_TOKEN"}


@pytest.mark.parametrize(
    ("ledger", "expected", "claim"),
    [
        (".okrsync/ledger.db", {"/work": "ledger"}, True),
        ("/data/okr/ledger.db", {"/work": "work", "/data/okr": "ledger"}, True),
        ("postgresql://db/okr", {"/work": "work"}, False),
    ],
)
def test_kubernetes_keeps_the_ledger(ledger: str, expected: dict[str, str], *, claim: bool) -> None:
    text = printed("kubernetes", ledger=ledger, secret_files=[])
    fixed = {"/work/okrsync.yaml": "config", "/opt/okrsync": "program", "/tmp": "temporary"}  # noqa: S108 - a mount in a pod
    assert mounts(text) == expected | fixed
    assert ("PersistentVolumeClaim" in cluster(text)) is claim
    assert {volume["name"] for volume in pod(text)["volumes"]} == {*expected.values(), *fixed.values()}


def test_kubernetes_mounts_the_secret_files_where_the_config_looks() -> None:
    files = ["keys/a.json", "more/a.json", "/etc/keys/b.json"]
    text = printed("kubernetes", secret_files=files)
    mounted = [mount for mount in pod(text)["containers"][0]["volumeMounts"] if mount["name"] == "files"]
    assert {mount["mountPath"]: mount["subPath"] for mount in mounted} == {
        "/etc/keys/b.json": "b.json",
        "/work/keys/a.json": "a.json",
        "/work/more/a.json": "3-a.json",
    }
    assert "--from-file=3-a.json=/srv/okr/more/a.json" in text


FIXED = ["Asia/Taipei", "Asia/Kolkata", "Asia/Kathmandu", "America/Phoenix", "Pacific/Kiritimati", "UTC"]
START = datetime(2027, 1, 1, tzinfo=UTC)


def between(cron: str, zone: ZoneInfo) -> set[datetime]:
    return set(takewhile(lambda found: found < START + timedelta(days=40), times(parse_cron(cron), START, zone)))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(FIXED),
    st.tuples(
        st.sampled_from(["0", "17", "*/20", "5-35/10", "40,50,55"]),
        st.sampled_from(["9", "*", "0,12", "20-23", "*/5"]),
        st.sampled_from(["*", "*", "10-20", "1"]),
        st.sampled_from(["*", "*", "1-2"]),
        st.sampled_from(["*", "1-5", "0", "6,7"]),
    ).map(" ".join),
)
def test_the_lines_of_utc_are_the_same_times(zone_name: str, cron: str) -> None:
    zone = ZoneInfo(zone_name)
    lines = utc_crons(parse_cron(cron), zone)
    if lines is not None:
        assert set().union(*(between(line, ZoneInfo("UTC")) for line in lines)) == between(cron, zone)


@pytest.mark.parametrize(
    ("cron", "zone", "expected"),
    [
        ("17 9 * * 1-5", "Asia/Taipei", ["17 1 * * 1-5"]),
        ("0 7 * * 1-5", "Asia/Taipei", ["0 23 * * 0-4"]),
        ("0 20 * * 5", "America/Phoenix", ["0 3 * * 6"]),
        ("0 * * * *", "Asia/Kolkata", ["30 * * * *"]),
        ("0,45 9 * * *", "Asia/Kolkata", ["30 3 * * *", "15 4 * * *"]),
        ("0 7,9 * * 1", "Asia/Taipei", ["0 23 * * 0", "0 1 * * 1"]),
        ("0 9 1 * *", "Asia/Taipei", ["0 1 1 * *"]),
        ("0 7 1 * *", "Asia/Taipei", None),
        ("0 7 * 1-3 *", "Asia/Taipei", None),
        ("0 9 * * *", "Europe/Berlin", None),
        ("0 9 * * *", "Africa/Casablanca", None),
        ("0 9 * * 7", "UTC", ["0 9 * * 0"]),
    ],
)
def test_utc_lines(cron: str, zone: str, expected: list[str] | None) -> None:
    assert utc_crons(parse_cron(cron), ZoneInfo(zone)) == expected
