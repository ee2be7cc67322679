"""`python -m webmap.cli`, which the launcher calls."""

from webmap.cli import main

main()
