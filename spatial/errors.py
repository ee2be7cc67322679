"""The root of the error tree, and what can go wrong with geometry.

WanggeError
├── CrsMismatch     two layers that must share a CRS do not
├── NotMetric       a CRS whose metres are not metres on the ground
├── UnknownDatum    a datum nobody here can decode
├── DecodingOff     a shifted datum where the installation does not decode those
├── DoubleShift     positions in WGS 84 that were to be converted once more
├── BadControl      control points that cannot tie a local datum to the globe
├── BadGeometry     a shape or coordinate that cannot be used, and where
├── BadCode         a code that does not fit the pattern
├── BadPattern      a code pattern that cannot be read
├── TooManyCells    more cells than the running number can count
├── TooManyStops    more places than one walk is planned for
├── BadSiting       places, weights or a radius for which no sites can be chosen
├── BadPolicy       an assignment policy that cannot be followed
└── NoFlow          tickets and room that cannot be brought together as asked
"""


class WanggeError(Exception):
    """Any error this program raises on purpose: the sentence says what is wrong and what to do."""


class CrsMismatch(WanggeError):
    """Two layers that must share a CRS do not."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"the layers are in {left} and {right}; reproject one of them first")
        self.left = left
        self.right = right


class NotMetric(WanggeError):
    """A CRS in which lengths and areas cannot be measured in metres."""

    def __init__(self, crs: str, why: str = "its unit is not the metre") -> None:
        super().__init__(
            f"{crs} cannot serve as metre CRS: {why}; choose a projected CRS of the place in metres, "
            "such as EPSG:4549 for Shanghai or the UTM zone"
        )
        self.crs = crs
        self.why = why


class UnknownDatum(WanggeError):
    """A datum name that is not one we can decode."""

    def __init__(self, text: str, why: str = "") -> None:
        reason = f" ({why})" if why else ""
        super().__init__(
            f"datum {text!r} is not known{reason}; accepted are wgs84, cgcs2000, gcj02, bd09 "
            "and epsg:N with the number of a geographic or projected CRS, such as epsg:4549, "
            "and local:NAME for local metres that were fitted"
        )
        self.text = text
        self.why = why


class UnknownCrs(WanggeError):
    """The name of a coordinate reference system that is not offered here."""

    def __init__(self, text: str, known: list[str]) -> None:
        super().__init__(f"the coordinate reference system {text!r} is not offered here; use one of {', '.join(known)}")
        self.text = text
        self.known = known


class NoSuchPlace(WanggeError):
    """Coordinates that a coordinate reference system has no numbers for."""

    def __init__(self, crs: str = "the coordinate reference system that they are to be in") -> None:
        super().__init__(f"some of these coordinates do not exist in {crs}; use other ones, or another system")
        self.crs = crs


class DecodingOff(WanggeError):
    """Coordinates of a shifted datum, in an installation that does not decode those."""

    def __init__(self, what: str = "GCJ-02 and BD-09") -> None:
        super().__init__(
            f"this installation does not decode {what}: its operator has switched that off; "
            "use coordinates in CGCS2000 or WGS 84"
        )
        self.what = what


class DoubleShift(WanggeError, TypeError):
    """Positions in WGS 84 that were to be converted once more: a fault of the program that calls."""

    def __init__(self, given: str) -> None:
        super().__init__(
            f"{given} is converted already: WGS 84 is not converted again; use it as it is, "
            "and give numbers as received as numbers or lists, with their datum"
        )
        self.given = given


class BadControl(WanggeError):
    """Control points that cannot tie a local datum to the globe."""

    def __init__(self, why: str) -> None:
        super().__init__(f"no local datum can be fitted: {why}; correct the control points and try again")
        self.why = why


class BadGeometry(WanggeError):
    """A shape or a coordinate that cannot be used.

    `position` is where: the number of the geometry, or the place inside a
    coordinate array such as "geometry 3, vertex 17". None when unknown.
    """

    def __init__(self, reason: str, position: str | int | None = None) -> None:
        where = "" if position is None else f" at {position if isinstance(position, str) else f'geometry {position}'}"
        super().__init__(f"the geometry cannot be used{where}: {reason}; correct it at the source and import again")
        self.reason = reason
        self.position = position


class BadCode(WanggeError):
    """A code that does not fit the code pattern."""

    def __init__(self, code: str, pattern: str, why: str = "") -> None:
        reason = f" ({why})" if why else ""
        super().__init__(
            f"code {code!r} does not fit the pattern {pattern}{reason}; correct the code or change the pattern setting"
        )
        self.code = code
        self.pattern = pattern
        self.why = why


class BadPattern(WanggeError):
    """A code pattern that cannot be read."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(
            f"code pattern {text!r} cannot be used: {why}; write named parts with widths, "
            "from the largest area down to the cell, such as {district:6}{town:3}{village:3}{cell:3}"
        )
        self.text = text
        self.why = why


class TooManyCells(WanggeError):
    """More cells in one area than the running number has digits for."""

    def __init__(self, area_code: str, count: int, limit: int, *, wider: str = "") -> None:
        hint = f"the pattern {wider}" if wider else "a pattern with more digits in its cell part"
        super().__init__(
            f"area {area_code} needs {count} cells but its running number ends at {limit}; use {hint}, or larger cells"
        )
        self.area_code = area_code
        self.count = count
        self.limit = limit


class TooManyStops(WanggeError):
    """More places than one walk is planned for."""

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"{count} stops are too many for one walk; choose at most {limit}, such as the most urgent")
        self.count = count
        self.limit = limit


class BadSiting(WanggeError):
    """Places, weights or numbers for which no sites can be chosen."""

    def __init__(self, why: str) -> None:
        super().__init__(f"no sites can be chosen: {why}; correct it and ask again")
        self.why = why


class BadPolicy(WanggeError):
    """An assignment policy that cannot be followed."""

    def __init__(self, field: str, value: object, accepted: str) -> None:
        super().__init__(f"assignment policy: {field} is {value!r}; it must be {accepted}")
        self.field = field
        self.value = value
        self.accepted = accepted


class NoFlow(WanggeError):
    """Tickets that cannot be spread over the room there is in the number asked for."""

    def __init__(self, status: str, tickets: int) -> None:
        super().__init__(
            f"{tickets} tickets cannot be spread as asked ({status}); use more room, or ask for as many as can"
        )
        self.status = status
        self.tickets = tickets
