"""Global value chain measures over multi-regional input-output tables, with a Rust core.

>>> import gvckit as gk
>>> t = gk.load_sample(2005)
>>> gk.participation(t, level="region", shares=True)  # doctest: +SKIP
"""

from __future__ import annotations

import ctypes
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if sys.platform == "win32":
    # The loader finds OpenBLAS by rpath elsewhere; Windows wants the folder.
    import scipy_openblas32

    os.add_dll_directory(scipy_openblas32.get_lib_dir())
elif (_openblas := find_spec("scipy_openblas32")) and _openblas.origin:
    # Beside an installed core the loader finds OpenBLAS itself; beside an editable one it doesn't.
    for _library in Path(_openblas.origin).with_name("lib").glob("libscipy_openblas*"):
        ctypes.CDLL(str(_library))

# One number of threads for both: OpenBLAS reads this variable itself, the passes over tables read the other one.
if (_threads := os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()).isdigit():
    os.environ.setdefault("RAYON_NUM_THREADS", _threads)

from gvckit import core, errors
from gvckit._core import __version__
from gvckit.cite import cite
from gvckit.correspondence import region_mapping, sector_mapping
from gvckit.dependence import dependence, dependence_matrix, trade_indicators
from gvckit.describe import describe
from gvckit.download import download
from gvckit.draws import CellError, TableBands, perturb, table_bands
from gvckit.errors import (
    BalanceError,
    DownloadError,
    GvcError,
    GvcWarning,
    IndicatorError,
    LabelError,
    MissingDependencyError,
    NonFiniteError,
    NotProductiveError,
    OptionError,
    PanelError,
    ReadError,
    ShapeError,
    SingularError,
    TableError,
)
from gvckit.exports import decompose_exports, gross_trade, reexports, value_added_in_exports
from gvckit.extraction import decouple, extract, extraction_matrix
from gvckit.flows import flows
from gvckit.groups import region_groups, sum_sectors, technology_groups
from gvckit.index import CompositeIndex, composite_index, cronbach_alpha, grubel_lloyd
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
from gvckit.read import (
    read,
    read_adb,
    read_eora26,
    read_exiobase3,
    read_figaro,
    read_icio,
    read_table,
    read_wiod,
    read_years,
)
from gvckit.sample import load_sample, sample_years
from gvckit.scenario import scenario_effect
from gvckit.scheme import Scheme
from gvckit.structural import decompose_change
from gvckit.table import Mrio
from gvckit.tiva import participation_rates, revealed_advantage, tiva
from gvckit.uncertainty import Uncertainty

if TYPE_CHECKING:
    from types import ModuleType

    from gvckit import plot, schemes

#: Modules that are imported when they are first asked for, so that `import gvckit` stays quick.
_LATER = ("plot", "schemes")

__all__ = [
    "BalanceError",
    "CellError",
    "CompositeIndex",
    "DownloadError",
    "GvcError",
    "GvcWarning",
    "IndicatorError",
    "LabelError",
    "MissingDependencyError",
    "Mrio",
    "NonFiniteError",
    "NotProductiveError",
    "OptionError",
    "PanelError",
    "ReadError",
    "Scheme",
    "ShapeError",
    "SingularError",
    "TableBands",
    "TableError",
    "TradeNetwork",
    "Uncertainty",
    "__version__",
    "cite",
    "compare",
    "composite_index",
    "core",
    "cronbach_alpha",
    "decompose_change",
    "decompose_exports",
    "decouple",
    "dependence",
    "dependence_matrix",
    "describe",
    "download",
    "downstreamness",
    "errors",
    "extract",
    "extraction_matrix",
    "flows",
    "ghosh_inverse",
    "gross_trade",
    "grubel_lloyd",
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
    "perturb",
    "plot",
    "position",
    "propagation_lengths",
    "read",
    "read_adb",
    "read_eora26",
    "read_exiobase3",
    "read_figaro",
    "read_icio",
    "read_table",
    "read_wiod",
    "read_years",
    "reexports",
    "region_groups",
    "region_mapping",
    "regionalisation",
    "revealed_advantage",
    "sample_years",
    "scenario_effect",
    "schemes",
    "sector_mapping",
    "sum_sectors",
    "table_bands",
    "technology_groups",
    "tiva",
    "trade_indicators",
    "upstreamness",
    "value_added_in_exports",
]


def __getattr__(name: str) -> ModuleType:
    if name in _LATER:
        return import_module(f"gvckit.{name}")
    raise AttributeError(f"module 'gvckit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
