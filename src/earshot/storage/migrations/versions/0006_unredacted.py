"""What was said, kept beside a redacted transcript where that was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("transcript_results", sa.Column("unredacted", sa.JSON))
