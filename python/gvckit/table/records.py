"""Small tables that the package carries as csv files, with lines of comment."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources


def records(package: str, file: str) -> Iterator[dict[str, str]]:
    """Rows of a csv file of a package by column name, all texts; lines that begin with # are comments."""
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    return iter(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
