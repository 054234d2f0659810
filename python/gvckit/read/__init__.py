"""Readers of the databases' files, one module each, and `read`, which recognises them."""

from gvckit.read.adb import read_adb
from gvckit.read.detect import read
from gvckit.read.wiod import read_wiod

__all__ = ["read", "read_adb", "read_wiod"]
