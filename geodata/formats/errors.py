"""Why a file is not taken.

FileRefused
├── UnknownFormat    no reader for such a file
├── WrongFormat      the content is not what the name says
├── Unreadable       the content breaks the rules of its format, and where
├── TooLarge         larger than is read at once
├── UnsafeArchive    a zip file that a careful person would not unpack
└── LayerNeeded      several layers and none was named, or a name that is not among them

Unwritable           a file that could not be made
"""

from collections.abc import Sequence

from spatial.errors import WanggeError


class FileRefused(WanggeError):
    """A file that cannot be taken in as it is."""

    def __init__(self, file: str, reason: str, remedy: str) -> None:
        super().__init__(f"{file}: {reason}; {remedy}")
        self.file = file
        self.reason = reason
        self.remedy = remedy


class UnknownFormat(FileRefused):
    """No reader for files of this name."""

    def __init__(self, file: str, suffix: str, known: Sequence[str]) -> None:
        reason = f"files ending in {suffix or 'nothing'!r} are not read"
        super().__init__(file, reason, f"save it as one of {', '.join(known)}")


class WrongFormat(FileRefused):
    """The content is not what the file's name says."""

    def __init__(self, file: str, wanted: str) -> None:
        super().__init__(file, f"the content is not {wanted}", "give it the ending of what it is, or save it again")


class Unreadable(FileRefused):
    """The content breaks the rules of its format; `position` says where, if known."""

    def __init__(self, file: str, reason: str, position: str = "") -> None:
        super().__init__(file, f"{reason}{f' at {position}' if position else ''}", "correct it at its source")
        self.position = position


class TooLarge(FileRefused):
    """More than is read at once."""

    def __init__(self, file: str, what: str, limit: str) -> None:
        super().__init__(file, f"{what}, and the limit is {limit}", "split it into several files")


class UnsafeArchive(FileRefused):
    """A zip file that a careful person would not unpack."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(file, reason, "pack the files again, in one plain folder")


class LayerNeeded(FileRefused):
    """Several layers and none named, or one named that is not there."""

    def __init__(self, file: str, layers: Sequence[str], asked: str | None) -> None:
        reason = f"there is no layer {asked!r}" if asked else "it holds several layers"
        super().__init__(file, reason, f"name one with --layer: {', '.join(layers) or '(there are none)'}")
        self.layers = tuple(layers)


class Unwritable(WanggeError):
    """A file could not be made: its format cannot hold so much, or the disk has no room."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file} cannot be written ({reason}); ask for less at a time, or take another format")
        self.file = file
        self.reason = reason
