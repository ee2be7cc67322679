"""The command line: parse, call one verb, print. A file per noun, read only when its command is called."""

import importlib
import signal
import sys
from collections.abc import Sequence
from typing import Any

import click

from spatial.errors import WanggeError
from webmap.loading import loading

PROGRAM = "wangge"
FINE, REFUSED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

# name → file and the line of the help page, in its order; told here, so that the page
# appears without loading every library there is.
COMMANDS = {
    "demo": ("demo", "A made-up district from nothing, served until stopped."),
    "init": ("init", "Make an empty district."),
    "district": ("district", "Show the district's settings, and say what it lies in."),
    "serve": ("serve", "Serve the map and the pages until stopped."),
    "errands": ("errands", "Send messages and give warnings until stopped; serve does it by itself."),
    "db": ("database", "Start, stop, look at, upgrade, back up and restore the database."),
    "import": ("imports", "Take a file of areas, units, points, tickets … in."),
    "imports": ("import_runs", "The files that were taken in, and which can be taken back."),
    "undo": ("undo", "Take an import back."),
    "datum": ("datum", "What coordinates mean: detect it in a file, fit local metres."),
    "grid": ("grid", "Cut the grid of cells, or check one."),
    "gazetteer": ("gazetteer", "What addresses are found by; crossings of roads, doors learned from records."),
    "geocode": ("geocode", "Find places for addresses."),
    "bench": ("bench", "Try the geocoder on addresses whose places are known."),
    "coverage": ("coverage", "Ground near a unit, the gaps, and areas without any."),
    "siting": ("siting", "Where the next units would cover most."),
    "assign": ("assign", "Give tickets to the units that fit best."),
    "policy": ("policy", "How units are chosen, in the district and its towns."),
    "tickets": ("tickets", "Prove the history of tickets, and anchor it outside."),
    "rules": ("rules", "Filing rules: conditions and time limits; list, set, import, export."),
    "calendar": ("calendar", "Days off, make-up workdays and working hours."),
    "warn": ("warn", "Warn of stages whose time runs out."),
    "notices": ("notices", "What people have been told."),
    "webhook": ("webhook", "Other systems that are told of events."),
    "open311": ("open311", "What other applications may ask for, and what is asked of them."),
    "outbox": ("outbox", "Messages to other systems, sent and sent once more."),
    "poster": ("poster", "One sheet on an area as PDF: map, figures, work flow, contacts."),
    "report": ("period_report", "The report of a town on a month, week, quarter or year as PDF."),
    "export": ("export", "Write a collection into a file."),
    "user": ("user", "Add, list and change users."),
    "key": ("key", "Keys by which programs act for users: made, listed, revoked."),
    "test": ("test", "Run the test suite (in a checkout: ./wangge test)."),
}


class LazyGroup(click.Group):
    """A group that imports a command's file only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """The command of that name, its file imported now."""
        if cmd_name not in COMMANDS:
            return None
        name = f"{__name__}.{COMMANDS[cmd_name][0]}"
        if name not in sys.modules:
            with loading():
                importlib.import_module(name)
        command: click.Command = sys.modules[name].command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - likewise
        """The list of commands on the help page."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nExample: wangge demo\nThe data folder is named by --data or WANGGE_DATA; "
    "WANGGE_DATABASE_URL names a server to use instead.",
)
@click.version_option(package_name=PROGRAM, prog_name=PROGRAM)
def wangge() -> None:
    """网格: a grid-governance map service for one district."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave the process with its exit code: 0 fine, 1 refused, 2 wrong usage."""
    # told to end, it ends as at Ctrl-C, and stops again what it started
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; an error is one line on stderr that says what to do next."""
    try:
        answer: Any = wangge.main(
            args=None if arguments is None else list(arguments), prog_name=PROGRAM, standalone_mode=False
        )
    except click.UsageError as error:
        error.show()
        return WRONG_USAGE
    except click.ClickException as error:
        return _refuse(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        click.echo("", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has enough of it
        sys.stderr.close()
        return REFUSED
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        return _refuse(sentence)
    return answer if isinstance(answer, int) else FINE


def _refuse(sentence: str) -> int:
    click.echo(f"{PROGRAM}: {' '.join(sentence.split())}", err=True)
    return REFUSED


def _sentence(error: Exception) -> str | None:
    """What to tell about an error that is expected to happen; None for a fault of the program."""
    if isinstance(error, WanggeError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}; check the name and who may read or write there"
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415 - slow to load, and `--version` has no use for it

    if isinstance(error, OperationalError):
        return f"the database went away: {error.orig}; look at `wangge db status`, then try again"
    return None
