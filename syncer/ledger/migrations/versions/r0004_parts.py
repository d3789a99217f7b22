"""The progress of each part of a key result, beside its numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what older runs recorded has none."""
    op.add_column("key_result_values", sa.Column("shares", sa.Text))
