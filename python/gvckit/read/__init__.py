"""Readers of the databases' files, one module each, and `read`, which recognises them."""

from gvckit.read.adb import read_adb
from gvckit.read.detect import read
from gvckit.read.eora import read_eora26
from gvckit.read.exiobase import read_exiobase3
from gvckit.read.figaro import read_figaro
from gvckit.read.folder import read_years
from gvckit.read.generic import read_table
from gvckit.read.icio import read_icio
from gvckit.read.wiod import read_wiod

__all__ = [
    "read",
    "read_adb",
    "read_eora26",
    "read_exiobase3",
    "read_figaro",
    "read_icio",
    "read_table",
    "read_wiod",
    "read_years",
]
