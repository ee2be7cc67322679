"""Run by Alembic for every migration command."""

from alembic import context

from geodata.migrations import comparison_options

connection = context.config.attributes["connection"]
context.configure(connection=connection, **comparison_options())
with context.begin_transaction():
    context.run_migrations()
