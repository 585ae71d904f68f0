"""Answers of language models about transcripts, and what they were made of."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lemur_requests",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("answer", sa.JSON),
        sa.Column("deleted_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_lemur_requests"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_lemur_requests_project_id"
        ),
    )
    op.create_index(
        "ix_lemur_requests_project_id_created_at", "lemur_requests", ["project_id", "created_at"]
    )
    op.create_table(
        "lemur_sources",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("transcript_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "transcript_id", name="pk_lemur_sources"),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["lemur_requests.id"],
            name="fk_lemur_sources_request_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_lemur_sources_transcript_id", "lemur_sources", ["transcript_id"])
