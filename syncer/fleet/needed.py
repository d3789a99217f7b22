"""What `fleet run` needs beyond okrsync itself."""

from importlib.util import find_spec

from config.errors import OkrsyncError


def require_procrastinate() -> None:
    """Raise OkrsyncError where the queue's package is not installed."""
    if find_spec("procrastinate") is None:
        raise OkrsyncError(
            "starting a worker of the fleet",
            "the package procrastinate is not installed",
            effect="Nothing was read or written.",
            advice="Run: pip install 'okrsync[fleet]'",
        )
