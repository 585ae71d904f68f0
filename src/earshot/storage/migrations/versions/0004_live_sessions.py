"""Tokens that open live sessions, and the sessions that have ended."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_tokens()
    _create_sessions()


def _create_tokens() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("session_id", sa.Text),
        sa.Column("max_session_s", sa.Integer),
        sa.Column("is_single_use", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.PrimaryKeyConstraint("token_hash", name="pk_access_tokens"),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name="fk_access_tokens_key_id"),
    )
    op.create_index("ix_access_tokens_expires_at", "access_tokens", ["expires_at"])


def _create_sessions() -> None:
    op.create_table(
        "live_sessions",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("audio_ms", sa.BigInteger, nullable=False),
        sa.Column("close_code", sa.Integer, nullable=False),
        sa.Column("allows_private_hosts", sa.Boolean, nullable=False),
        sa.Column("webhook_url", sa.Text),
        sa.Column("webhook_auth_header_name", sa.Text),
        sa.Column("webhook_auth_header_value", sa.Text),
        sa.Column("webhook_body", sa.Text),
        sa.Column("webhook_status_code", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_live_sessions"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_live_sessions_project_id"
        ),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name="fk_live_sessions_key_id"),
    )
    op.create_index("ix_live_sessions_project_id", "live_sessions", ["project_id"])
    op.create_index("ix_live_sessions_ended_at", "live_sessions", ["ended_at"])
