import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from config.errors import ConfigError
from config.models import HttpConnection, JiraConnection
from config.plain_text import plain
from config.secrets import Secret, UnsetSecretError, parse_secret
from config_workspaces import HEAD, SECRETS, load
from refusal_kit import refusal


@pytest.mark.parametrize("text", ["$TOKEN", "${TOKEN}", "file:token.txt", "keyring:okrsync/jira"])
def test_references(text: str) -> None:
    assert str(parse_secret(text)) == text


@pytest.mark.parametrize("text", ["ghp_1234567890", "", "$", "$1", "x$TOKEN", "file:", "keyring:jira", "TOKEN", "$A B"])
def test_anything_else_is_refused_without_repeating_it(text: str) -> None:
    expected = "a secret does not belong in the config; write a reference such as $NAME, file:path or keyring:a/b"
    assert refusal(parse_secret, text) == expected


def test_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", " a-value\n")
    assert parse_secret("$TOKEN").reveal() == "a-value"
    assert parse_secret("${TOKEN}").reveal() == "a-value"
    assert "a-value" not in repr(parse_secret("$TOKEN"))


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("TOKEN", raising=False)
    if value is not None:
        monkeypatch.setenv("TOKEN", value)
    with pytest.raises(UnsetSecretError, match=r"^the environment variable TOKEN is not set$"):
        parse_secret("$TOKEN").reveal()


def test_a_file_starts_at_the_config(tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text("a-value\n", "utf-8")
    assert Secret("file:token.txt", tmp_path).reveal() == "a-value"
    assert Secret(f"file:{tmp_path / 'token.txt'}").reveal() == "a-value"


def test_a_file_of_ones_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token.txt").write_text("a-value", "utf-8")
    assert Secret("file:~/token.txt", tmp_path / "elsewhere").reveal() == "a-value"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.txt", None, r"the file 'none.txt' cannot be read \(FileNotFoundError\)"),
        ("nul\0", None, r"the file 'nul\\x00' cannot be read \(ValueError\)"),
        ("empty.txt", b" \n", "the file 'empty.txt' is empty"),
        ("binary.txt", b"\xff\xfe", r"the file 'binary.txt' cannot be read \(UnicodeDecodeError\)"),
    ],
)
def test_a_file_that_holds_no_secret(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UnsetSecretError, match=f"^{message}$") as caught:
        Secret(f"file:{name}", tmp_path).reveal()
    assert caught.value.__cause__ is None


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A keyring that can be told what to answer."""
    fault_type = type("KeyringError", (Exception,), {})
    answers = SimpleNamespace(value="a-value", fault=None, fault_type=fault_type)

    def get_password(service: str, name: str) -> object:
        assert (service, name) == ("okrsync", "jira/me")
        if answers.fault:
            raise answers.fault
        return answers.value

    module, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    vars(errors).update(KeyringError=fault_type)
    vars(module).update(errors=errors, get_password=get_password)
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return answers


def test_a_keyring(keyring: SimpleNamespace) -> None:
    secret = parse_secret("keyring:okrsync/jira/me")
    assert secret.reveal() == "a-value"
    keyring.value = None
    with pytest.raises(UnsetSecretError, match=r"^the keyring has no password for okrsync/jira/me$"):
        secret.reveal()
    keyring.fault = keyring.fault_type("value")
    with pytest.raises(UnsetSecretError, match=r"^the keyring cannot be opened \(KeyringError\)$"):
        secret.reveal()


def test_a_keyring_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UnsetSecretError, match="keyring is not installed"):
        parse_secret("keyring:okrsync/jira").reveal()


@pytest.mark.parametrize("value", ["x", "12345"])
def test_a_secret_too_short_to_hide_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TOKEN", value)
    with pytest.raises(UnsetSecretError) as caught:
        parse_secret("$TOKEN").reveal()
    assert str(caught.value) == "$TOKEN holds fewer than 6 characters: too few to be hidden in output"
    assert Secret("$TOKEN", may_be_short=True).reveal() == value


def test_the_shortest_secret_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "q7#kz2")
    parse_secret("$TOKEN").reveal()
    assert plain("HTTP 403 (q7#kz2 is wrong)") == "HTTP 403 (*** is wrong)"


def test_a_tenant_and_an_account_may_have_short_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Grafana and others read as a header is no credential; and a Data Center account may be called bob."""
    for name, value in {**SECRETS, "ORG": "1", "TOKEN": "a-token"}.items():
        monkeypatch.setenv(name, value)
    text = HEAD.replace(
        "  stats: {type: http, url: https://stats.acme.test/api}",
        "  stats: {type: http, url: https://stats.acme.test/api, headers: {X-Scope-OrgID: $ORG}}\n"
        "  dc: {type: jira, url: https://a.test, deployment: data_center, email: $ORG, token: $TOKEN}",
    )
    assert text != HEAD
    text += "  up: {from: stats.json, url: /up, value: count(*)}\n"
    connections = load(tmp_path, text).workspace.connections
    stats, jira = connections["stats"], connections["dc"]
    assert isinstance(stats, HttpConnection)
    assert isinstance(jira, JiraConnection)
    assert isinstance(jira.email, Secret)
    tenant = stats.headers["X-Scope-OrgID"]
    assert isinstance(tenant, Secret)
    assert (tenant.reveal(), jira.email.reveal()) == ("1", "1")
    with pytest.raises(ConfigError, match="X-Api-Key  \\$ORG holds fewer than 6 characters"):
        load(tmp_path, text.replace("X-Scope-OrgID", "X-Api-Key"))
