"""Tables of this folder."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pandas as pd


def read_data(name: str, **options: Any) -> pd.DataFrame:
    """A csv of this folder; an empty cell is an empty text, unless the options say otherwise."""
    with resources.files(__package__).joinpath(name).open(encoding="utf-8") as file:
        frame: pd.DataFrame = pd.read_csv(file, keep_default_na=False, **options)
    return frame
