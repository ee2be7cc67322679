"""`wangge test` belongs to the launcher of a checkout; this says so."""

import click


@click.command(epilog="\b\nExample: ./wangge test")
def command() -> None:
    """Run the whole test suite (in a checkout: ./wangge test)."""
    raise click.ClickException("the tests live in a checkout of the source; run `./wangge test` there")
