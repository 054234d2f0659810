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
from gvckit.describe import describe
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
from gvckit.exports import decompose_exports, gross_trade, reexports, value_added_in_exports
from gvckit.flows import flows
from gvckit.groups import region_groups, sum_sectors, technology_groups
from gvckit.lengths import (
    downstreamness,
    lengths,
    linkages,
    multipliers,
    position,
    propagation_lengths,
    upstreamness,
)
from gvckit.leontief import ghosh_inverse, input_coefficients, leontief_inverse, local_inverse
from gvckit.network import TradeNetwork, compare, hubs, network, regionalisation
from gvckit.panel import panel
from gvckit.participation import participation
from gvckit.read import read, read_adb, read_wiod
from gvckit.sample import load_sample, sample_years
from gvckit.table import Mrio
from gvckit.tiva import participation_rates, revealed_advantage, tiva

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
    "decompose_exports",
    "describe",
    "downstreamness",
    "errors",
    "flows",
    "ghosh_inverse",
    "gross_trade",
    "hubs",
    "input_coefficients",
    "lengths",
    "leontief_inverse",
    "linkages",
    "load_sample",
    "local_inverse",
    "multipliers",
    "network",
    "panel",
    "participation",
    "participation_rates",
    "plot",
    "position",
    "propagation_lengths",
    "read",
    "read_adb",
    "read_wiod",
    "reexports",
    "region_groups",
    "regionalisation",
    "revealed_advantage",
    "sample_years",
    "sum_sectors",
    "technology_groups",
    "tiva",
    "upstreamness",
    "value_added_in_exports",
]
