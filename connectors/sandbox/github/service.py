"""GitHub sandbox: REST and GraphQL over in-memory repositories, compatible with PyGithub.

Point a client at `<sandbox>/github`; GraphQL is at `<sandbox>/github/graphql`. The admin path `/_sandbox/github/...`
supports `POST /issues` (close, reopen, merge, edit), `POST /issues/new` and `GET /state`.
"""

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.github import rest as github_rest
from connectors.sandbox.github.apps import App
from connectors.sandbox.github.limits import Limits, refusal
from connectors.sandbox.github.state import State
from connectors.sandbox.server import Request, Response


class GitHubService:
    """GitHub service of the sandbox, with the results of `sample.sample_repositories` and `sample.sample_projects`.

    With an `app`, only the access tokens of its installation are accepted.
    """

    name = "github"
    token = "sandbox-token"  # noqa: S105 - opens nothing but the sandbox

    def __init__(
        self,
        repositories: Mapping[str, Mapping[str, Any]],
        projects: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.state = State(repositories, projects)
        self.limits = Limits()
        self.app: App | None = None

    def handle(self, request: Request) -> Response:
        """Answer a REST or GraphQL request, within the primary rate limits."""
        if self.app is not None and (issued := self.app.answer(request)) is not None:
            return issued
        if not self._accepts(request.headers.get("authorization", "").split(" ")[-1]):
            return Response(
                401,
                {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"},
            )
        if request.path == "/graphql":
            from connectors.sandbox.github import graphql as github_graphql

            response = github_graphql.handle(self.state, self.limits, request)
            return Response(response.status, response.body, {**self.limits.headers("graphql"), **response.headers})
        response = github_rest.handle(self.state, request) if self.limits.spend("core") else refusal("core")
        return Response(response.status, response.body, {**self.limits.headers("core"), **response.headers})

    def _accepts(self, token: str) -> bool:
        return token == self.token if self.app is None else self.app.accepts(token)

    def admin(self, request: Request) -> Response:
        """Change or add an issue or pull request, or return the state."""
        try:
            if request.method == "POST" and request.path == "/issues":
                return Response(200, self.state.change_item(request.json()))
            if request.method == "POST" and request.path == "/issues/new":
                return Response(201, self.state.add_item(request.json()))
        except (KeyError, ValueError) as exc:
            return Response(400, {"message": f"{type(exc).__name__}: {exc}"})
        if request.method == "GET" and request.path == "/state":
            return Response(200, self.dump())
        return Response(404, {"message": "use POST /issues, POST /issues/new or GET /state"})

    def dump(self) -> dict[str, Any]:
        """Return the repositories and projects as JSON."""
        return {"repositories": self.state.repositories, "projects": self.state.projects}

    def load(self, state: Mapping[str, Any]) -> None:
        """Restore the state from `dump`."""
        self.state = State(state["repositories"], state.get("projects"))
