"""How sure a detected language is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("transcript_results", sa.Column("language_finding", sa.JSON))
