"""`wangge report`: the report of a town on a period as PDF."""

from pathlib import Path

import click
from flask_babel import force_locale

from geodata.queries.scope import ALL
from geodata.services import periods, server
from geodata.services.installation import installation
from geodata.settings import Settings
from webmap.app import create_app
from webmap.cli.options import data_option
from webmap.cli.output import whole_file
from webmap.maps.drawing_pdf import pdf_of
from webmap.pages.period_report import made_of, printed
from webmap.params import LANGUAGES
from webmap.records import current_session


@click.command(
    epilog="\b\nExample: wangge report --area 310112101000 --period 2026-02 --out report.pdf\n"
    "PERIOD is a month (2026-02), a week (2026-W07), a quarter (2026-Q1), a year (2026) "
    "or days (2026-02-03..2026-02-16)."
)
@click.option("--area", required=True, metavar="CODE", help="Code of the district, a town or a village.")
@click.option("--period", "word", required=True, metavar="PERIOD", help="The period that is told of.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="PDF file to write.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language; the district's own when left out.")
@data_option
def command(*, area: str, word: str, out: Path, lang: str | None, data: Path | None) -> None:
    """Figures, indices, changes, overdue tickets and a map of an area in a period."""
    period = periods.period(word)
    settings = Settings.from_environment(data)
    with server.records(settings) as engine:
        app = create_app(settings, engine=engine)
        # the report is a page of the application, so it is made as one
        with app.test_request_context():
            session = current_session()
            with force_locale(lang or installation(session).lang):
                page = printed(made_of(session, area, period, ALL))
            session.commit()
            document = pdf_of(page)
    with whole_file(out) as file:
        file.write(document)
    click.echo(f"{out}: {area}, {period.word}", err=True)
