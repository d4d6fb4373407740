"""The tables of the marketing assets."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002_marketing"
down_revision = "0001_raw_layer"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name(f"{revision}.sql").read_text())


def downgrade() -> None:
    """Drop the tables; the next run of the assets fills them again."""
    op.get_bind().exec_driver_sql(
        "drop table if exists analytics.marketing_cards, analytics.success_stories, "
        "analytics.monthly_drafts, analytics.platform_intelligence, analytics.blueprint_metrics"
    )
