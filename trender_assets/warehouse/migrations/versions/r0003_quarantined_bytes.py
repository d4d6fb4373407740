"""Exact bytes, their length and hash for quarantined answers."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003_quarantined_bytes"
down_revision = "0002_marketing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name(f"{revision}.sql").read_text())


def downgrade() -> None:
    """Drop the columns, and the rows that have no source."""
    op.get_bind().exec_driver_sql(
        "delete from raw.raw_quarantine where source is null; "
        "alter table raw.raw_quarantine alter column source set not null, "
        "drop column request, drop column payload_size, drop column payload_sha256"
    )
