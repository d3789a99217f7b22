from datetime import date, datetime
from pathlib import Path

from connectors.sandbox import world
from connectors.sandbox.jira.service import JiraSandbox
from connectors.sandbox.server import Service
from sandbox_kit import Sandbox
from workspace_kit import TAIPEI

NOW = datetime(2026, 11, 16, 9, 30, tzinfo=TAIPEI)


def jiras(services: list[Service]) -> list[JiraSandbox]:
    return [service for service in services if isinstance(service, JiraSandbox)]


def test_issues_of_several_files_do_not_share_ids(tmp_path: Path) -> None:
    services = world.sample_services(date(2026, 10, 1), NOW, "en")
    for project in ("AAA", "BBB"):
        path = tmp_path / f"{project}.csv"
        path.write_text("issuekey,title,storypoint\n" + "".join(f"{project}-{n},t,{n}\n" for n in range(5)), "utf-8")
        assert world.load_jira_csv(services, path) == 5
    for site in jiras(services):
        ids = [issue.id for issue in site.issues.values()]
        assert len(set(ids)) == len(ids) == 70
        assert sum(issue.points or 0 for issue in site.issues.values() if issue.key.startswith("AAA")) == 10


def test_a_saved_state_comes_back(tmp_path: Path) -> None:
    services = world.sample_services(date(2026, 10, 1), NOW, "zh-TW")
    sandbox = Sandbox(services)
    world.save(sandbox, tmp_path / "state.json")
    sandbox._server.server_close()
    assert oct((tmp_path / "state.json").stat().st_mode)[-3:] == "600"
    others = world.sample_services(date(2026, 7, 1), NOW, "en")
    world.load(others, tmp_path / "state.json")
    assert [service.dump() for service in others] == [service.dump() for service in services]
