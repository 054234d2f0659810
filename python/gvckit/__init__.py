"""Global value chain measures over multi-regional input-output tables, with a Rust core.

>>> import gvckit as gk
>>> t = gk.load_sample(2005)
>>> gk.participation(t, level="region", shares=True)  # doctest: +SKIP
"""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    # The loader finds OpenBLAS by rpath elsewhere; Windows wants the folder.
    import scipy_openblas32

    os.add_dll_directory(scipy_openblas32.get_lib_dir())

from gvckit import core, errors, plot
from gvckit._core import __version__
from gvckit.errors import (
    GvcError,
    GvcWarning,
    LabelError,
    MissingDependencyError,
    NonFiniteError,
    NotProductiveError,
    OptionError,
    ReadError,
    ShapeError,
    SingularError,
)
from gvckit.flows import flows
from gvckit.groups import region_groups, sum_sectors, technology_groups
from gvckit.leontief import ghosh_inverse, input_coefficients, leontief_inverse, local_inverse
from gvckit.network import TradeNetwork, compare, hubs, network, regionalisation
from gvckit.panel import panel
from gvckit.participation import participation
from gvckit.read import read, read_adb, read_wiod
from gvckit.sample import load_sample, sample_years
from gvckit.table import Mrio

__all__ = [
    "GvcError",
    "GvcWarning",
    "LabelError",
    "MissingDependencyError",
    "Mrio",
    "NonFiniteError",
    "NotProductiveError",
    "OptionError",
    "ReadError",
    "ShapeError",
    "SingularError",
    "TradeNetwork",
    "__version__",
    "compare",
    "core",
    "errors",
    "flows",
    "ghosh_inverse",
    "hubs",
    "input_coefficients",
    "leontief_inverse",
    "load_sample",
    "local_inverse",
    "network",
    "panel",
    "participation",
    "plot",
    "read",
    "read_adb",
    "read_wiod",
    "region_groups",
    "regionalisation",
    "sample_years",
    "sum_sectors",
    "technology_groups",
]
