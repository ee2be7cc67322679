"""Why an import does not begin: mistakes in how it was asked for, not in the rows.

ImportRefused
├── UnknownKind      no such kind of record
├── DatumNeeded      coordinates come in and nobody said what they mean
├── DatumDisagrees   the file itself names another datum than was declared
├── BadMapping       --map names a field or a heading that is not there
├── FieldsMissing    a field that every row needs is not among the headings
├── BadOption        an option that does not fit this kind
└── PersonalData     the file has columns about persons, which are never taken in
"""

from collections.abc import Mapping, Sequence

from spatial.errors import WanggeError


class ImportRefused(WanggeError):
    """An import that cannot begin as it was asked for."""


class UnknownKind(ImportRefused):
    """No such kind of record can be imported."""

    def __init__(self, kind: str, known: Sequence[str]) -> None:
        super().__init__(f"{kind!r} cannot be imported; the kinds are {', '.join(known)}")
        self.kind = kind
        self.known = tuple(known)


class DatumNeeded(ImportRefused):
    """Coordinates come in and nobody said what they mean."""

    def __init__(self, hint: str = "") -> None:
        looks = f" (its headings say {hint})" if hint else ""
        super().__init__(
            f"the file has coordinates and no datum was declared{looks}; add --datum wgs84, cgcs2000, gcj02, bd09 or "
            "epsg:N. There is no default: in China a wrong one is off by 500 to 1,100 m and shows on no map"
        )
        self.hint = hint


class DatumDisagrees(ImportRefused):
    """The file itself names another datum than was declared."""

    def __init__(self, declared: str, said: str, where: str) -> None:
        super().__init__(
            f"declared as {declared}, but {where} says {said}; declare what is true, "
            "or confirm with --trust-datum that the file is mislabelled"
        )
        self.declared = declared
        self.said = said


class BadMapping(ImportRefused):
    """`--map` names a field or a heading that is not there."""

    def __init__(self, what: str, name: str, known: Sequence[str]) -> None:
        super().__init__(f"--map: there is no {what} {name!r}; there are {', '.join(known)}")
        self.name = name
        self.known = tuple(known)


class FieldsMissing(ImportRefused):
    """Fields that every row needs are not among the headings."""

    def __init__(self, fields: Sequence[str], headings: Sequence[str]) -> None:
        wanted = " and ".join(fields)
        super().__init__(
            f"no heading was recognised as {wanted}; say which it is with --map {fields[0]}=HEADING, or give all rows "
            f"one value with --map {fields[0]}==VALUE. The headings are {', '.join(headings) or '(none)'}"
        )
        self.fields = tuple(fields)


class BadOption(ImportRefused):
    """An option that does not fit this kind of record."""

    def __init__(self, option: str, reason: str) -> None:
        super().__init__(f"{option}: {reason}")
        self.option = option


class PersonalData(ImportRefused):
    """The file has columns about persons, which are never taken in."""

    def __init__(self, headings: Mapping[str, str]) -> None:
        told = ", ".join(f"{heading} ({why})" for heading, why in headings.items())
        super().__init__(
            f"the columns {told} are about persons; this product holds no such data about "
            "anybody. Delete the columns and import again"
        )
        self.headings = tuple(headings)
