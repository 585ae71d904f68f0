"""Transcripts that wait until their project has fewer under way."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    held = sa.Column("held", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("transcripts", held)
    op.create_index(
        "ix_transcripts_under_way",
        "transcripts",
        ["project_id"],
        sqlite_where=sa.text("completed_at IS NULL"),
        postgresql_where=sa.text("completed_at IS NULL"),
    )
