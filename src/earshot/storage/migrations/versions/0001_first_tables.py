"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_accounts()
    _create_uploads()
    _create_transcripts()
    _create_results()
    _create_job_tables()


def _create_accounts() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("webhook_secret", sa.Text),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("name", name="uq_projects_name"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key_hash", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_api_keys_project_id"),
    )
    op.create_index(
        "ix_api_keys_live_name",
        "api_keys",
        ["project_id", "name"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def _create_uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("media_key", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_uploads_project_id"),
    )
    op.create_index("ix_uploads_created_at", "uploads", ["created_at"])


def _create_transcripts() -> None:
    op.create_table(
        "transcripts",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("audio_url", sa.Text, nullable=False),
        sa.Column("upload_id", sa.Text),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("throttled", sa.Boolean, nullable=False),
        sa.Column("allows_private_hosts", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("completed_at", MOMENT),
        sa.Column("deleted_at", MOMENT),
        sa.Column("error", sa.Text),
        sa.Column("error_code", sa.Text),
        sa.Column("audio_duration_s", sa.Integer),
        sa.Column("webhook_url", sa.Text),
        sa.Column("webhook_auth_header_name", sa.Text),
        sa.Column("webhook_auth_header_value", sa.Text),
        sa.Column("webhook_status_code", sa.Integer),
        sa.PrimaryKeyConstraint("sequence", name="pk_transcripts"),
        sa.UniqueConstraint("id", name="uq_transcripts_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_transcripts_project_id"),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name="fk_transcripts_upload_id", ondelete="SET NULL"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_transcripts_upload_id", "transcripts", ["upload_id"])
    op.create_index("ix_transcripts_created_at", "transcripts", ["created_at"])
    op.create_index("ix_transcripts_project_id_sequence", "transcripts", ["project_id", "sequence"])


def _create_results() -> None:
    op.create_table(
        "transcript_results",
        sa.Column("transcript_id", sa.Text, nullable=False),
        sa.Column("words", sa.JSON, nullable=False),
        sa.Column("utterances", sa.JSON),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("n_channels", sa.Integer),
        sa.Column("language_code", sa.Text, nullable=False),
        sa.Column("engine", sa.Text, nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("transcript_id", name="pk_transcript_results"),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name="fk_transcript_results_transcript_id",
            ondelete="CASCADE",
        ),
    )


def _create_job_tables() -> None:
    op.create_table(
        "job_attempts",
        sa.Column("job_id", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("n_begun", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "step", name="pk_job_attempts"),
    )
    op.create_table(
        "workers",
        sa.Column("executor_id", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ready_at", MOMENT),
        sa.PrimaryKeyConstraint("executor_id", name="pk_workers"),
    )
