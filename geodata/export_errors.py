"""Why no file is made of a collection."""

from spatial.errors import WanggeError


class ExportsBusy(WanggeError):
    """As many files as are made at once are being made."""

    def __init__(self) -> None:
        super().__init__("other exports are being made; try again in a few seconds, or take GeoJSON or CSV")


class ExportTooLong(WanggeError):
    """A file was not ready in the time that an export may take."""

    def __init__(self, most_s: float) -> None:
        super().__init__(
            f"the file was not ready within {most_s:.0f} seconds; ask for less of it, by a box or a condition"
        )
        self.most_s = most_s


class ExportCancelled(WanggeError):
    """Whoever asked for a file does not want it any more."""

    def __init__(self) -> None:
        super().__init__("the export was cancelled")
