"""The document of the figures, a section a benchmark."""

from pathlib import Path

REPORT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def write(section: str) -> None:
    """Put a section into the document in the place of the former one of its heading, or at the end."""
    heading = section.partition("\n")[0]
    known = REPORT.read_text(encoding="utf-8") if REPORT.exists() else "# Benchmarks\n"
    before, _, former = known.partition(heading + "\n")
    _, mark, after = former.partition("\n## ")
    REPORT.write_text(f"{before.rstrip()}\n\n{section}{mark}{after}", encoding="utf-8")
