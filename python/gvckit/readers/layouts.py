"""The layouts that `read` knows: each reader says itself whether it knows a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gvckit.mrio import Mrio
from gvckit.readers.files import Files

Read = TypeVar("Read", bound=Callable[..., Mrio])


@dataclass(frozen=True)
class Layout:
    """A layout of files.

    Attributes
    ----------
    name : str
        For messages.
    recognises : callable
        Whether files are of this layout; cheap, and true of one layout at most.
    read : callable
        Table of a year (None: the one that there is).
    """

    name: str
    recognises: Callable[[Files], bool]
    read: Callable[[Files, int | None], Mrio]


#: All layouts, as their readers register them.
LAYOUTS: list[Layout] = []


def register(name: str, recognises: Callable[[Files], bool]) -> Callable[[Read], Read]:
    """Add the decorated reader to the layouts that `read` asks."""

    def add(read: Read) -> Read:
        LAYOUTS.append(Layout(name, recognises, read))
        return read

    return add
