"""Usage, keys of administrators, limits and deletion of projects, submits that are repeated."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("projects", sa.Column("limits", sa.JSON))
    op.add_column("projects", sa.Column("throttle_told_at", MOMENT))
    op.add_column("projects", sa.Column("deleted_at", MOMENT))
    op.add_column("transcripts", sa.Column("key_id", sa.Text))
    op.add_column("live_sessions", sa.Column("engine", sa.Text))
    _create_usage()
    _create_admin_keys()
    _create_submissions()


def _create_usage() -> None:
    op.create_table(
        "usage",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("n_requests", sa.BigInteger, nullable=False),
        sa.Column("audio_ms", sa.BigInteger, nullable=False),
        sa.Column("session_ms", sa.BigInteger, nullable=False),
        sa.Column("input_tokens", sa.BigInteger, nullable=False),
        sa.Column("output_tokens", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "project_id", "key_id", "product", "model", name="pk_usage"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_usage_project_id"),
    )


def _create_admin_keys() -> None:
    op.create_table(
        "admin_keys",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key_hash", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_admin_keys"),
        sa.UniqueConstraint("name", name="uq_admin_keys_name"),
        sa.UniqueConstraint("key_hash", name="uq_admin_keys_key_hash"),
    )


def _create_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("key_hash", sa.Text, nullable=False),
        sa.Column("request_hash", sa.Text, nullable=False),
        sa.Column("transcript_id", sa.Text, nullable=False),
        sa.Column("throttled", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "key_hash", name="pk_submissions"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_submissions_project_id"),
    )
    op.create_index("ix_submissions_created_at", "submissions", ["created_at"])
