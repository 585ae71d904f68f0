"""How Alembic reaches the database: only over the connection that `upgrade_schema` hands it."""

from alembic import context

from earshot.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # On SQLite too: half an upgrade must not stay behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
