"""Quotas that runs share, as tests need them."""

from sqlalchemy import Engine, text

from connectors.accounts import Account


class Waits:
    """A quota that answers with these waits, one after another, and keeps what it was told."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = list(seconds)
        self.taken: list[tuple[str, int]] = []
        self.held: list[tuple[str, float]] = []

    def take(self, account: Account, resource: str, weight: int) -> float:
        assert account.credential
        self.taken.append((resource, weight))
        return self.seconds.pop(0) if self.seconds else 0.0

    def hold(self, account: Account, resource: str, seconds: float) -> None:
        assert account.credential
        self.held.append((resource, seconds))


def a_minute_later(database: Engine) -> None:
    """Let all that was counted be of an earlier minute."""
    with database.begin() as connection:
        query = text("SELECT tablename FROM pg_tables WHERE starts_with(tablename, 'ratelimit___')")
        for name in connection.execute(query).scalars().all():
            earlier = f"UPDATE \"{name}\" SET item_timestamp = item_timestamp - interval '70 s'"  # noqa: S608 - a table
            connection.execute(text(earlier))
