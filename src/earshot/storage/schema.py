"""The tables: what is remembered, and the types it is kept in."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from typing_extensions import override

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment, aware and in UTC on our side; SQLite keeps it without its zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    @override
    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


projects = sa.Table(
    "projects",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("webhook_secret", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("limits", sa.JSON(none_as_null=True)),
    sa.Column("throttle_told_at", UtcDateTime),
    sa.Column("deleted_at", UtcDateTime),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("key_hash", sa.Text, nullable=False, unique=True),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_used_at", UtcDateTime),
    sa.Column("revoked_at", UtcDateTime),
)
# A name is taken only while its key opens something.
sa.Index(
    "ix_api_keys_live_name",
    api_keys.c.project_id,
    api_keys.c.name,
    unique=True,
    sqlite_where=api_keys.c.revoked_at.is_(None),
    postgresql_where=api_keys.c.revoked_at.is_(None),
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("media_key", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("used_at", UtcDateTime),
)

transcripts = sa.Table(
    "transcripts",
    metadata,
    # The order of submission: what "newest first", before_id and after_id go by.
    sa.Column(
        "sequence",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("audio_url", sa.Text, nullable=False),
    sa.Column("upload_id", sa.ForeignKey("uploads.id", ondelete="SET NULL"), index=True),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("throttled", sa.Boolean, nullable=False),
    sa.Column("allows_private_hosts", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("started_at", UtcDateTime),
    sa.Column("completed_at", UtcDateTime),
    sa.Column("deleted_at", UtcDateTime),
    sa.Column("error", sa.Text),
    sa.Column("error_code", sa.Text),
    sa.Column("audio_duration_s", sa.Integer),
    sa.Column("webhook_url", sa.Text),
    sa.Column("webhook_auth_header_name", sa.Text),
    sa.Column("webhook_auth_header_value", sa.Text),
    sa.Column("webhook_status_code", sa.Integer),
    sa.Column("key_id", sa.Text),
    sa.Column("held", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(None, "project_id", "sequence"),
    sqlite_autoincrement=True,
)

# Few of many: those that are queued or processing, held ones among them.
sa.Index(
    "ix_transcripts_under_way",
    transcripts.c.project_id,
    sqlite_where=transcripts.c.completed_at.is_(None),
    postgresql_where=transcripts.c.completed_at.is_(None),
)

transcript_results = sa.Table(
    "transcript_results",
    metadata,
    sa.Column(
        "transcript_id",
        sa.ForeignKey("transcripts.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("words", sa.JSON, nullable=False),
    sa.Column("utterances", sa.JSON(none_as_null=True)),
    sa.Column("duration_ms", sa.BigInteger, nullable=False),
    sa.Column("n_channels", sa.Integer),
    sa.Column("language_code", sa.Text, nullable=False),
    sa.Column("engine", sa.Text, nullable=False),
    sa.Column("warnings", sa.JSON, nullable=False),
    sa.Column("language_finding", sa.JSON(none_as_null=True)),
    sa.Column("known_speakers", sa.JSON(none_as_null=True)),
    sa.Column("findings", sa.JSON(none_as_null=True)),
    sa.Column("unredacted", sa.JSON(none_as_null=True)),
)

# What people sound like, so that they are recognised: one row for each name in a project.
known_voices = sa.Table(
    "known_voices",
    metadata,
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("engine", sa.Text, nullable=False),
    sa.Column("embedding", sa.LargeBinary, nullable=False),
    sa.Column("clean_ms", sa.BigInteger, nullable=False),
    sa.Column("n_recordings", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

# How often each step of a job was begun and not seen to end: what tells a poison job.
job_attempts = sa.Table(
    "job_attempts",
    metadata,
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("n_begun", sa.Integer, nullable=False),
)

# The worker processes that there are; whether one is alive, its lock tells, not its row.
workers = sa.Table(
    "workers",
    metadata,
    sa.Column("executor_id", sa.Text, primary_key=True),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("ready_at", UtcDateTime),
)

# Tokens that stand in for a key for a while; only their hashes are kept.
access_tokens = sa.Table(
    "access_tokens",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("key_id", sa.ForeignKey("api_keys.id"), nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text),
    sa.Column("max_session_s", sa.Integer),
    sa.Column("is_single_use", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("used_at", UtcDateTime),
)

# Live sessions: how much audio there was, and the webhook that tells of it. While one goes on its
# `close_code` is 0, and `ended_at` is when it was last heard of. What was said is in
# `webhook_body`, and only until the webhook is delivered.
live_sessions = sa.Table(
    "live_sessions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), nullable=False, index=True),
    sa.Column("key_id", sa.ForeignKey("api_keys.id"), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime, nullable=False, index=True),
    sa.Column("audio_ms", sa.BigInteger, nullable=False),
    sa.Column("close_code", sa.Integer, nullable=False),
    sa.Column("allows_private_hosts", sa.Boolean, nullable=False),
    sa.Column("webhook_url", sa.Text),
    sa.Column("webhook_auth_header_name", sa.Text),
    sa.Column("webhook_auth_header_value", sa.Text),
    sa.Column("webhook_body", sa.Text),
    sa.Column("webhook_status_code", sa.Integer),
    sa.Column("engine", sa.Text),
)

# What was done for whom, added up by day (in UTC). It stays when what it was done with is deleted.
# `key_id` is empty where nobody knows it any more.
usage = sa.Table(
    "usage",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("product", sa.Text, primary_key=True),
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("n_requests", sa.BigInteger, nullable=False),
    sa.Column("audio_ms", sa.BigInteger, nullable=False),
    sa.Column("session_ms", sa.BigInteger, nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
)

# Keys that open the administrators' API, and nothing else.
admin_keys = sa.Table(
    "admin_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("key_hash", sa.Text, nullable=False, unique=True),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_used_at", UtcDateTime),
)

# Submits that came with an `Idempotency-Key`: what they led to, for as long as one may be repeated.
submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("key_hash", sa.Text, primary_key=True),
    sa.Column("request_hash", sa.Text, nullable=False),
    sa.Column("transcript_id", sa.Text, nullable=False),
    sa.Column("throttled", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
)

# Requests about transcripts that a language model answers, or the transcript itself. While one is
# under way it has no `answer`; one that was deleted has none any more, and `deleted_at`.
lemur_requests = sa.Table(
    "lemur_requests",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("answer", sa.JSON(none_as_null=True)),
    sa.Column("deleted_at", UtcDateTime),
    sa.Index(None, "project_id", "created_at"),
)

# Of which transcripts an answer was made: it goes when one of them does.
lemur_sources = sa.Table(
    "lemur_sources",
    metadata,
    sa.Column(
        "request_id", sa.ForeignKey("lemur_requests.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("transcript_id", sa.Text, primary_key=True, index=True),
)
