"""GitHub read as an installation of a GitHub App, and Enterprise Server at its own paths."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from config.errors import AuthError, SourceError
from config.masking import without_secrets
from config.models import GitHubConnection
from connectors import registry
from connectors.github.app_sign_in import InstallationSignIn
from connectors.http import Policy
from connectors.protocol import Read, ReadError, Reading, Source
from connectors.sandbox.github.apps import App
from connectors.sandbox.github.sample import sample_projects, sample_repositories
from connectors.sandbox.server import Request, Response
from github_kit import NOW, OddGitHub
from sandbox_kit import Fault, Sandbox
from source_contract import INSTANTS, Rows

MERGED = Read("m", "pull_requests", {"search": "repo:acme/app is:merged"}, count_only=True, instants=INSTANTS)
RUNS = Read("r", "workflow_runs", {"repository": "acme/app"}, ("id",), instants=INSTANTS)
DEPLOYMENTS = Read("d", "deployments", {"repository": "acme/app"}, ("conclusion",), instants=INSTANTS)
PROJECT = Read("p", "project_items", {"project": "acme/7"}, ("status",), instants=INSTANTS)
SUB_ISSUES = Read("s", "sub_issues", {"parent": "acme/app#20"}, ("state",), instants=INSTANTS)


@cache
def keys() -> tuple[str, str]:
    """A private key and its public key, as PEM."""
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), public.decode()


class Enterprise(OddGitHub):
    """GitHub Enterprise Server: REST below /api/v3, GraphQL at /api/graphql, and nothing elsewhere."""

    def handle(self, request: Request) -> Response:
        for prefix, kept in (("/api/v3/", "/"), ("/api/graphql", "/graphql")):
            if request.path.startswith(prefix):
                path = kept + request.path.removeprefix(prefix) if kept == "/" else kept
                moved = Request(request.method, path, request.query, request.headers, request.body, request.base_url)
                return super().handle(moved)
        return Response(404, {"message": "Not Found"})


@contextmanager
def world(folder: Path, service: OddGitHub | None = None, **stated: Any) -> Iterator[tuple[Sandbox, OddGitHub, Source]]:
    """The sandbox with an app, and a source that signs in as its installation."""
    (folder / "app.pem").write_text(keys()[0], "utf-8")
    service = service or OddGitHub(sample_repositories(NOW.date().replace(month=10, day=1), NOW, "en"))
    service.app = App("Iv1.abc", 77, keys()[1])
    with Sandbox([service]) as sandbox:
        given = {
            "type": "github",
            "url": sandbox.service_url("github") + stated.pop("path", ""),
            "app_id": "Iv1.abc",
            "installation_id": 77,
            "private_key": f"file:{folder / 'app.pem'}",
            **stated,
        }
        context = registry.Context(folder, Policy(sleep=lambda _seconds: None, tries=2))
        source = registry.open_source("gh", GitHubConnection.model_validate(given), context)
        yield sandbox, service, source
        source.close()


def answer(source: Source, *reads: Read) -> list[Reading | ReadError]:
    return sorted(source.read(reads, Rows()), key=lambda one: one.read.key)


def error(source: Source) -> SourceError:
    [one] = answer(source, MERGED)
    assert isinstance(one, ReadError)
    return one.error


def test_one_token_serves_all_requests_of_a_run(tmp_path: Path) -> None:
    with world(tmp_path) as (sandbox, service, source):
        found = answer(source, MERGED, RUNS)
        assert next(one.count for one in found if isinstance(one, Reading)) == 1180
        asked = [entry.target for entry in sandbox.requests("github")]
        assert asked.count("/app/installations/77/access_tokens") == 1
        assert len(asked) > 2
        assert service.app is not None
        assert len(service.app.issued) == 1


def test_a_token_is_renewed_shortly_before_it_ends() -> None:
    asked: list[datetime] = []
    now = [datetime(2026, 11, 16, 9, tzinfo=UTC)]

    def ask() -> tuple[str, datetime]:
        asked.append(now[0])
        return f"ghs_{len(asked)}secret", now[0] + timedelta(hours=1)

    sign_in = InstallationSignIn(ask, lambda: now[0])
    tokens = []
    for minutes in (0, 54, 56, 100, 112):
        now[0] = datetime(2026, 11, 16, 9, tzinfo=UTC) + timedelta(minutes=minutes)
        tokens.append(sign_in.token)
    assert tokens == ["ghs_1secret", "ghs_1secret", "ghs_2secret", "ghs_2secret", "ghs_3secret"]
    assert without_secrets("seen ghs_2secret") == "seen ***"


def test_a_token_that_ends_within_a_run_is_followed_by_another(tmp_path: Path) -> None:
    with world(tmp_path) as (_, service, source):
        assert service.app is not None
        service.app.lifetime = timedelta(minutes=5)
        found = answer(source, MERGED, RUNS)
        assert all(isinstance(one, Reading) for one in found)
        assert len(service.app.issued) > 1


@pytest.mark.parametrize(("stated", "saw"), [({"installation_id": 78}, "404"), ({"app_id": "Iv1.abd"}, "401")])
def test_what_github_does_not_know_is_named(tmp_path: Path, stated: dict[str, Any], saw: str) -> None:
    with world(tmp_path, **stated) as (_, _, source):
        found = error(source)
        assert saw in found.saw
        assert "POST /app/installations/" in found.doing


def test_a_refused_app_says_what_to_check(tmp_path: Path) -> None:
    with world(tmp_path, app_id="Iv1.abd") as (_, _, source):
        assert error(source).advice == (
            "Check app_id, installation_id and private_key of connections.gh, what the installation may read, and this "
            "machine's clock."
        )


def test_an_odd_answer_is_no_token(tmp_path: Path) -> None:
    with world(tmp_path) as (sandbox, _, source):
        sandbox.faults.append(Fault("github", "access_tokens", status=201, body={"message": "soon"}, times=9))
        assert error(source).saw == "the answer is not JSON"


def test_a_fault_of_a_moment_is_tried_again(tmp_path: Path) -> None:
    with world(tmp_path) as (sandbox, _, source):
        sandbox.faults.append(Fault("github", "access_tokens", status=502, times=1))
        [found] = answer(source, MERGED)
        assert isinstance(found, Reading)


def test_a_key_that_cannot_sign(tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_text("no key at all", "utf-8")
    stated: dict[str, Any] = {"private_key": f"file:{tmp_path / 'other.pem'}"}
    with pytest.raises(AuthError, match="not an RSA key in PEM form") as raised, world(tmp_path, **stated):
        pass
    assert "no key at all" not in str(raised.value)


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({}, "needs `token`"),
        ({"app_id": "1"}, "an app signs in with"),
        ({"app_id": "1", "installation_id": 7, "private_key": "$KEY", "token": "$TOKEN"}, "without `token`"),
    ],
)
def test_a_connection_signs_in_once(stated: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        GitHubConnection.model_validate({"type": "github", **stated})


def test_enterprise_server_is_asked_at_its_own_paths(tmp_path: Path) -> None:
    first_day = NOW.date().replace(month=10, day=1)
    service = Enterprise(sample_repositories(first_day, NOW, "en"), sample_projects(first_day, NOW))
    with world(tmp_path, service, path="/api/v3") as (sandbox, _, source):
        found = answer(source, MERGED, RUNS, DEPLOYMENTS, SUB_ISSUES, PROJECT)
        assert [one.count for one in found if isinstance(one, Reading)] == [48, 1180, 64, 48, 8]
        targets = {entry.target.partition("?")[0] for entry in sandbox.requests("github")}
        assert {"/api/graphql", "/api/v3/app/installations/77/access_tokens"} <= targets
        assert all(target.startswith("/api/") for target in targets)
