"""Which column the keys of a measure's rows stand in, where the table states none."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Older keys are of tables that state theirs."""
    op.add_column("measure_values", sa.Column("key_column", sa.String, nullable=False, server_default=""))
