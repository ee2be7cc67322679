"""`wangge poster`: the sheet of an area as PDF."""

from pathlib import Path

import click
from flask_babel import force_locale

from geodata.queries.scope import ALL, NOTHING
from geodata.services import server
from geodata.services.installation import installation
from geodata.settings import Settings
from webmap.app import create_app
from webmap.cli.options import data_option
from webmap.cli.output import whole_file
from webmap.maps.drawing_pdf import pdf_of
from webmap.maps.drawing_sheet import PAPERS
from webmap.pages.poster import printed, sheet_of
from webmap.params import LANGUAGES
from webmap.records import current_session


@click.command(
    epilog="\b\nExample: wangge poster 310112101000 --size A3 --out poster.pdf\n"
    "AREA is the code of the district, a town or a village. --public leaves out tickets and phones."
)
@click.argument("area", metavar="AREA")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="PDF file to write.")
@click.option("--size", type=click.Choice(list(PAPERS)), default="A3", show_default=True, help="Paper.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language; the district's own when left out.")
@click.option("--public", is_flag=True, help="What a visitor may see: no tickets, no phones.")
@data_option
def command(*, area: str, out: Path, size: str, lang: str | None, public: bool, data: Path | None) -> None:
    """One sheet on an area: map to scale, figures, work flow, units and whom to call."""
    settings = Settings.from_environment(data)
    with server.records(settings) as engine:
        app = create_app(settings, engine=engine)
        # the sheet is a page of the application, so it is made as one
        with app.test_request_context():
            session = current_session()
            with force_locale(lang or installation(session).lang):
                scope = NOTHING if public else ALL
                made = sheet_of(
                    session,
                    area,
                    paper=PAPERS[size],
                    scope=scope,
                    with_phones=not public,
                    with_meetings=not public,
                )
                page = printed(made)
            session.commit()
            document = pdf_of(page)
    with whole_file(out) as file:
        file.write(document)
    click.echo(f"{out}: {made.name}, {size}, {made.scale.replace(chr(0x2009), ' ')}", err=True)
