"""Progress bars: shown or not, in a terminal or a notebook."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Bar:
    """What moves a bar on; this one shows nothing."""

    def done(self) -> None:
        """One more is done."""

    def failed(self) -> None:
        """One has failed: it is not done, and is counted apart."""

    def tell(self, text: str) -> None:
        """Say something behind the bar, and move on."""


class _Shown(Bar):
    def __init__(self, bar: Any) -> None:
        self._bar, self._failures = bar, 0

    def done(self) -> None:
        self._bar.update()

    def failed(self) -> None:
        self._failures += 1
        self._bar.set_postfix_str(f"{self._failures} failed")

    def tell(self, text: str) -> None:
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.update()


@contextmanager
def progress_bar(show: bool, total: int | None, name: str, unit: str) -> Iterator[Bar]:
    """A bar of tqdm, or none; tqdm costs a quarter of a second to import, and only where it is seen."""
    if not show:
        yield Bar()
        return
    with warnings.catch_warnings():
        # A notebook without widgets gets a bar of text, and needs no warning for it.
        warnings.filterwarnings("ignore", message="IProgress not found")
        from tqdm.auto import tqdm

        shown = tqdm(total=total, desc=name, unit=unit)
    with shown:
        yield _Shown(shown)
