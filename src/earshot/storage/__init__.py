"""The database and the media store: connection, migrations, one module of statements per table."""
