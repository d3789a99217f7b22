"""Jira Cloud through Atlassian's gateway, as scoped tokens and service accounts need it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.protocol import Reading
from jira_kit import BUGS, Bench, counted, open_bench
from sandbox_kit import Fault


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    monkeypatch.setenv("JIRA_TOKEN", "sandbox-token")
    with open_bench(tmp_path) as made:
        made.site().scoped = True
        yield made


def through(bench: Bench, **more: Any) -> dict[str, Any]:
    """Options of a connection that goes through the gateway."""
    return {"cloud_id": "auto", "gateway": f"{bench.box.service_url('jira')}/gateway", **more}


def targets(bench: Bench) -> list[str]:
    return [entry.target for entry in bench.box.requests("jira")]


@pytest.mark.parametrize("email", ["demo@example.com", None])
def test_the_site_is_asked_for_its_cloud_id_once(bench: Bench, email: str | None) -> None:
    found = bench.count(**through(bench, email=email))
    assert found.count == 20
    bench.rows(BUGS, "key", "story_points", **through(bench, email=email))
    asked, *others = targets(bench)
    assert asked == "/_edge/tenant_info"
    id_ = bench.site().cloud_id
    assert [other for other in others if not other.startswith(f"/gateway/ex/jira/{id_}/rest/api/2/")] == [asked]


def test_the_site_gets_no_credentials(bench: Bench) -> None:
    seen: list[tuple[str, bool]] = []
    bench.box.hooks["jira"] = lambda request: seen.append((request.path, "authorization" in request.headers))
    bench.count(**through(bench))
    assert seen[0] == ("/_edge/tenant_info", False)
    assert all(has_credentials for _, has_credentials in seen[1:])


def test_a_stated_cloud_id_asks_nobody(bench: Bench) -> None:
    assert bench.count(**through(bench, cloud_id=bench.site().cloud_id)).count == 20
    assert not [target for target in targets(bench) if "tenant_info" in target]


def test_links_lead_to_the_site(bench: Bench) -> None:
    reading = bench.rows(BUGS, "url", **through(bench))
    site = bench.box.service_url("jira")
    assert reading.link.startswith(f"{site}/issues/?jql=")
    assert all(str(row["url"]).startswith(f"{site}/browse/CORE-") for row in bench.store.rows)


def test_a_scoped_token_at_the_site_itself_gets_advice(bench: Bench) -> None:
    error = bench.fails()
    assert "401" in error.saw
    assert str(error.advice).endswith("A scoped token, or a service account, needs `cloud_id: auto`.")


def test_a_refused_token_at_the_gateway_names_the_scopes(bench: Bench) -> None:
    bench.site().token = "another"
    error = bench.fails(**through(bench))
    assert str(error.advice).endswith("Its scopes have to include read:jira-work.")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("jira", "/_edge/tenant_info", status=404, times=9),
        Fault("jira", "/_edge/tenant_info", status=200, body={"cloudId": None}, times=9),
        Fault("jira", "/_edge/tenant_info", status=200, body={"cloudId": "../../x"}, times=9),
        Fault("jira", "/_edge/tenant_info", status=200, body="<html>", times=9),
    ],
)
def test_a_site_that_does_not_tell_its_cloud_id(bench: Bench, fault: Fault) -> None:
    bench.box.faults.append(fault)
    error = bench.fails(**through(bench))
    assert error.doing == "jira 'tracker': GET /_edge/tenant_info"
    assert error.saw.startswith("the site does not tell its cloud id")
    assert error.advice == "Write it as connections.tracker.cloud_id, in place of `auto`."


def test_many_reads_at_once_ask_once(bench: Bench) -> None:
    answers = bench.read(*(counted(BUGS, f"r{n}") for n in range(12)), **through(bench))
    assert all(isinstance(answer, Reading) for answer in answers)
    assert targets(bench).count("/_edge/tenant_info") == 1
