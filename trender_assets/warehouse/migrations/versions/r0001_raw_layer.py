"""The raw layer, the file findings and the execution facts."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001_raw_layer"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name(f"{revision}.sql").read_text())


def downgrade() -> None:
    """Drop the three schemas; only for a database that holds nothing worth keeping."""
    op.get_bind().exec_driver_sql(
        "drop schema if exists raw cascade; drop schema if exists staging cascade; "
        "drop schema if exists analytics cascade"
    )
