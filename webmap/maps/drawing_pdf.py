"""A sheet as PDF: the page's own markup and style, vector lines, fonts embedded, nothing fetched from anywhere."""

import logging
import threading
from urllib.parse import unquote, urlsplit

from spatial.errors import WanggeError
from webmap import files
from webmap.errors import PrinterBusy, PrintingUnavailable

# Addresses of a sheet are read against this one, which no network knows.
BASE = "http://sheet.invalid/"

# Without a font for these a sheet would be boxes. Rarer letters of a name may be missing.
CJK = range(0x2E80, 0xA000)

# One at a time in a process: a sheet takes the processor for itself.
_printer = threading.Lock()

# what it misses in a style or a font it says here, and what matters is checked below
logging.getLogger("weasyprint").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


class ForeignAddress(WanggeError):
    """A sheet asks for something that is not a style of ours; nothing is ever fetched."""

    def __init__(self, address: str) -> None:
        super().__init__(f"a sheet may not ask for {address}; take it out of the template")
        self.address = address


def pdf_of(page: str, *, wait_s: float = 0.0) -> bytes:
    """The PDF of a whole HTML page whose style fits its paper.

    wait_s  how long to wait for a sheet that is being made.

    Raises PrinterBusy, and PrintingUnavailable where Pango or a Chinese font is missing: never a sheet of boxes.
    """
    if not _printer.acquire(timeout=wait_s if wait_s > 0 else -1, blocking=wait_s > 0):
        raise PrinterBusy
    try:
        return _made(page)
    finally:
        _printer.release()


def _made(page: str) -> bytes:
    try:
        # loads Pango, which many servers do not have; the rest of the program must run without
        import weasyprint  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise PrintingUnavailable("Pango") from error
    try:
        document = weasyprint.HTML(string=page, base_url=BASE, url_fetcher=_own_file).render()
    except weasyprint.urls.FatalURLFetchingError as error:
        raise ForeignAddress(str(error)) from error
    made: bytes = document.write_pdf()
    missing = {code for font in document.fonts.values() for code in font.missing}
    if any(code in CJK for code in missing):
        raise PrintingUnavailable("a Chinese font")
    return made


def _own_file(url: str) -> object:
    """A file of `static`; any other address ends the rendering."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse  # noqa: PLC0415 - as above

    parts = urlsplit(url)
    path = (files.FOLDER / unquote(parts.path).removeprefix("/static/")).resolve()
    if not url.startswith(BASE + "static/") or not path.is_relative_to(files.FOLDER) or path.suffix != ".css":
        raise FatalURLFetchingError(url)
    return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": "text/css; charset=utf-8"})
