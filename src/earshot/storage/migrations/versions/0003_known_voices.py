"""Known voices, and the speakers of a transcript who were recognised by them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "known_voices",
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("engine", sa.Text, nullable=False),
        sa.Column("embedding", sa.LargeBinary, nullable=False),
        sa.Column("clean_ms", sa.BigInteger, nullable=False),
        sa.Column("n_recordings", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_known_voices"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_known_voices_project_id"),
    )
    op.add_column("transcript_results", sa.Column("known_speakers", sa.JSON))
