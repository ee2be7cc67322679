"""Codes of records that come without one."""

import hashlib

from geodata.ingest.kinds import Job, Record


def code_or_made(record: Record, letter: str, *parts: str | None) -> str:
    """The code that a row tells, or a short one with this letter that the same parts always give."""
    told: str | None = record.cells.get("code")
    return told or made_code(letter, *(part or "" for part in parts))


def made_code(letter: str, *parts: str) -> str:
    """A short code that the same parts always give."""
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()
    return f"{letter}{int(digest[:14], 16) % 10**12:012d}"


def tell_made_codes(job: Job, count: int, what: str, parts: str) -> None:
    """Note how many records got made codes, and of which parts; nothing where none did."""
    if count:
        job.report.note("made_codes", f"{count} {what} got codes made of {parts}", {"count": count})
