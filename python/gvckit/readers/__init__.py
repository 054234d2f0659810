"""Readers of the databases' files, one module each, and `read`, which asks each of them whether it knows a file."""

from gvckit.readers import national, saved  # noqa: F401 (they register their layouts)
from gvckit.readers.accounts import read_accounts
from gvckit.readers.adb import read_adb
from gvckit.readers.detect import read
from gvckit.readers.download import download
from gvckit.readers.eora import read_eora26
from gvckit.readers.exiobase import read_exiobase3
from gvckit.readers.figaro import read_figaro
from gvckit.readers.folder import read_years, tables_in
from gvckit.readers.icio import read_icio
from gvckit.readers.own import read_table
from gvckit.readers.sample import load_sample, sample_years
from gvckit.readers.wiod import read_wiod

__all__ = [
    "download",
    "load_sample",
    "read",
    "read_accounts",
    "read_adb",
    "read_eora26",
    "read_exiobase3",
    "read_figaro",
    "read_icio",
    "read_table",
    "read_wiod",
    "read_years",
    "sample_years",
    "tables_in",
]
