"""What was found out about what was said."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("transcript_results", sa.Column("findings", sa.JSON))
