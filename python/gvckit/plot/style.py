"""Colours and habits of all figures, and what the numbers of a frame are."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from gvckit.errors import GvcWarning, LabelError, OptionError
from gvckit.options import Language
from gvckit.plot.words import Say, dress, fit_all
from gvckit.table.find import find_region
from gvckit.write import misfit, provenance

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

#: Okabe and Ito's colours, which colour-blind readers can tell apart, in an order that also differs in grey; the yellow
#: last, as it is faint on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#B8A800")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
#: Lines of the first markers, so that they differ in grey; others are dotted.
_LINES = {"o": "-", "s": "--", "^": "-.", "D": ":"}
#: Fills of neighbours differ in their hatches where colours don't show.
HATCHES = ("", "//", "..", "xx", "\\\\", "++")
#: Colours of regional groups: dark to light in this order, so that they hold in grey.
GROUPS = {"Europe": "#1B3A6B", "North America": "#C0402B", "Asia": "#E8A317", "Rest": "#E3E3E3"}
#: Colours of groups that people make, in the same way.
_OTHER_GROUPS = ("#1B3A6B", "#7A3B8F", "#C0402B", "#2E8B6F", "#5A9BD4", "#E8A317", "#A8C66C", "#F2B8C6")
GREY, PALE = "#777777", "#C4C4C4"
#: Arrows of networks that are no strongest tie: hollow, so that they differ in grey too. Fill and outline.
HOLLOW, OTHER = "#F7F7F7", "#A0A0A0"

_UNIT = re.compile(
    r"(?:million|mill\.?|mio\.?|mln\.?|m\.)\s*(.+)|(.+?)\s*(?:million|mill\.?|mio\.?|mln\.?)", re.IGNORECASE
)
_MONEY = {"us$": "USD", "us dollars": "USD", "usd": "USD", "dollars": "USD", "euro": "EUR", "eur": "EUR"}


def group_colours(groups: Sequence[str]) -> dict[str, str]:
    """Colours of groups: the four regional groups have their own, others take what is left; the rest is pale."""
    if set(groups) <= set(GROUPS):
        return {group: GROUPS[group] for group in groups}
    others = [group for group in groups if group != "Rest"]
    found = {group: _OTHER_GROUPS[k % len(_OTHER_GROUPS)] for k, group in enumerate(others)}
    return {group: found.get(group, GROUPS["Rest"]) for group in groups}


def arrow_colour(colour: str) -> str:
    """Colour of an arrow from a group: its own, or grey where that is too pale for a line."""
    return GREY if colour == GROUPS["Rest"] else colour


def amount(value: float, unit: str | None, say: Say | None = None) -> str:
    """Value with its unit to three digits, millions as billions or trillions where that reads better."""
    say = Say() if say is None else say
    found = _UNIT.fullmatch((unit or "").strip())
    if found is None:
        return f"{_three(value)} {unit or ''}".strip()
    money = (found[1] or found[2]).strip()
    money = _MONEY.get(money.casefold(), money)
    size, name = next((pair for pair in say.sizes if abs(value) >= pair[0] * 0.9995), say.sizes[-1])
    return say.money(_three(value / size), name, money)


def _three(value: float) -> str:
    """Three digits without an exponent: 233,000, 42.1, .0012."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.10f}".rstrip("0").rstrip(".")


def tidy(ax: Axes) -> None:
    """Light grid behind the data, no frame at the top and right."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    ax.set_axisbelow(True)


def by_year(ax: Axes, say: Say) -> None:
    """Years as whole numbers on the x axis."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel(say("Year"))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def from_zero(ax: Axes) -> None:
    """Let the y axis begin at 0, unless there are numbers below it."""
    if ax.dataLim.y0 >= 0:
        ax.set_ylim(bottom=0)


def axes_of(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """The axes that are given, or those of a new figure of a size in inches."""
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1] if ax is None else ax


def finish(ax: Axes, title: str | None, attrs: Mapping[Any, Any] | None = None, width: int = 75) -> Axes:
    """Title on the left, with the name of the what-if that the numbers are of; then the fonts that the text needs."""
    scenario = (attrs or {}).get("scenario")
    if scenario and str(scenario) not in (title or ""):
        title = f"{title} ({scenario})" if title else str(scenario)
    if title:
        ax.set_title("\n".join(fill(line, width) for line in title.splitlines()), fontsize=10, loc="left")
    dress(ax)
    return ax


def source_of(attrs: Mapping[Any, Any], say: Say) -> str:
    """Where the numbers come from, and of which what-if they are; nothing where neither is known."""
    parts = [
        provenance(attrs, "source", "version") if attrs.get("source") else "",
        say("scenario: {}", attrs["scenario"]) if attrs.get("scenario") else "",
    ]
    told = "; ".join(filter(None, parts))
    return say.upper("source: {}", told) if told else ""


def source_line(ax: Axes, attrs: Mapping[Any, Any], language: Language = "en") -> None:
    """Say under the figure where the numbers come from, and of which what-if they are."""
    told = source_of(attrs, Say(language))
    if told:
        figure = ax.get_figure(root=True)
        assert figure is not None
        # A figure's own label has its room in a constrained layout; a bare text would lie on others. Seven points are
        # about 18 letters to the inch.
        # Years and units stand on the axes and in the title.
        width = int(18 * figure.get_figwidth())
        fit_all([figure.supxlabel(fill(told, width), fontsize=7, color="#555555", x=0.01, ha="left")])


def legend_below(ax: Axes, handles: Sequence[Any] | None = None, columns: int = 3, fontsize: float = 8) -> None:
    """Legend under the axes and what is written there, in as many columns as fit: over data it would hide some."""
    from matplotlib.transforms import ScaledTranslation

    figure = _with_room(ax)
    shown = list(ax.get_legend_handles_labels()[0] if handles is None else handles)
    # A letter is about .55 of the size of the font wide; a handle and the space between columns about six.
    letters = max((len(str(handle.get_label())) for handle in shown), default=1)
    room = ax.get_window_extent().width * 72 / figure.dpi / fontsize
    # In points, so that it keeps its distance in axes of any height.
    down = ScaledTranslation(0, (-36 if ax.get_xlabel() else -22) / 72, figure.dpi_scale_trans)
    ax.legend(
        handles=shown, fontsize=fontsize, ncols=max(1, min(columns, int(room / (6 + 0.55 * letters)))), frameon=False,
        loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=ax.transAxes + down, borderaxespad=0,
        columnspacing=1.4, handlelength=2.4,
    )  # fmt: skip


def _with_room(ax: Axes) -> Figure:
    """Figure of the axes, which makes room for what stands outside them: one without any layout would cut it off."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    if figure.get_layout_engine() is None:
        figure.set_layout_engine("constrained")
    return figure


def legend_right(ax: Axes, handles: Sequence[Any] | None = None, fontsize: float = 8, title: str | None = None) -> None:
    """Legend to the right of the axes."""
    _with_room(ax)
    ax.legend(
        handles=handles if handles is not None else ax.get_legend_handles_labels()[0], fontsize=fontsize, title=title,
        title_fontsize=fontsize, alignment="left", frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5),
    )  # fmt: skip


def looks(ax: Axes, names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker of each region: what it has in another panel of the figure, else the next that is free.

    Lines remember whose they are by their gid.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    known: dict[str, tuple[str, str]] = {}
    for line in (line for axes in figure.get_axes() for line in axes.get_lines()):
        if line.get_gid():
            known[str(line.get_gid())] = (str(line.get_color()), str(line.get_marker()))
    # Colours come round after eight, with another marker then.
    free = ((COLOURS[k % 8], MARKERS[(k + k // 8) % 8]) for k in range(64))
    unused = [look for look in free if look not in known.values()]
    new = [name for name in dict.fromkeys(names) if name not in known]
    return known | {name: unused[k % len(unused)] for k, name in enumerate(new)}


def region_line(ax: Axes, name: str, look: tuple[str, str], x: Any, y: Any) -> None:
    """A line of a region over what is no year: told apart by colour, marker and, in grey, by dashes."""
    colour, marker = look
    ax.plot(
        x, y, linestyle=_LINES.get(marker, (0, (1, 1))), color=colour, marker=marker, markersize=4, linewidth=1.6,
        label=name, gid=name,
    )  # fmt: skip


def expect_frame(frame: object) -> None:
    """`OptionError` for anything but a frame, with what gives one."""
    if isinstance(frame, pd.DataFrame):
        return
    how = ": to_frame() makes one" if isinstance(frame, pd.Series) else ""
    if hasattr(frame, "summary"):
        how = ": draw its summary()"
    raise OptionError(f"a frame is wanted, not a {type(frame).__name__}{how}")


def expect_levels(frame: pd.DataFrame, levels: Sequence[str]) -> None:
    """`LabelError` unless the index has these levels, with what gives them where only the names are lost."""
    expect_frame(frame)
    found = list(frame.index.names)
    if found == list(levels):
        return
    hint = ""
    if len(found) == len(levels) and None in found:
        hint = f"; frame.rename_axis({list(levels)}) names them"
    raise LabelError(f"the frame's index is {found}, expected {list(levels)}{hint}")


def find_regions(frame: pd.DataFrame, names: Sequence[str] | str, level: str = "region") -> list[str]:
    """Labels of a frame's regions by what people type."""
    known = list(map(str, frame.index.unique(level)))
    return [find_region(known, name) for name in ([names] if isinstance(names, str) else names)]


class Measured(NamedTuple):
    """What the numbers of a frame are.

    Attributes
    ----------
    factor : float
        What to draw them times: 100 for shares.
    unit : str
        What to call them: ``share of value added (%)``, ``million USD``, or nothing that is known.
    """

    factor: float
    unit: str

    def label(self, say: Say, fallback: str) -> str:
        """Label of an axis."""
        text = say(self.unit) if self.unit else say(fallback)
        return text[:1].upper() + text[1:]


def measured(frame: pd.DataFrame | pd.Series) -> Measured:
    """Whether a frame holds shares or levels: by its attrs, with a warning where they don't fit its numbers."""
    told = frame.attrs
    unit = str(told.get("unit") or "")
    wrong = _misfit(frame)
    if wrong is not None:
        unit, text = wrong
        said = f"drawn as {unit}" if unit else "drawn without a unit"
        warnings.warn(f"{text}: {said}; frame.attrs['unit'] = ... puts it right", GvcWarning, stacklevel=3)
    elif not unit and "shares" not in told and _within_one(frame):
        # Attrs are lost, as of frames that pandas joined.
        unit = "share"
    elif told.get("shares") and not unit:
        unit = "share"
    return Measured(100.0, f"{unit} (%)") if unit.startswith("share") else Measured(1.0, unit)


def _numbers(frame: pd.DataFrame | pd.Series) -> NDArray[np.float64]:
    """Sizes of the numbers that are there and are not 0."""
    values = np.abs(frame.to_numpy(dtype=float, na_value=np.nan))
    found: NDArray[np.float64] = values[np.isfinite(values) & (values > 0)]
    return found


def _within_one(frame: pd.DataFrame | pd.Series) -> bool:
    values = _numbers(frame)
    return bool(len(values)) and float(values.max()) <= 1 + 1e-9


def _misfit(frame: pd.DataFrame | pd.Series) -> tuple[str, str] | None:
    """The unit that fits and what is wrong, where a frame's attrs call shares levels, or levels shares.

    By the whole that its rows add up to; where a frame has none, by the size of its numbers.
    """
    if isinstance(frame, pd.DataFrame) and (found := misfit(frame)) is not None:
        return found.unit, found.text
    unit, values = str(frame.attrs.get("unit") or ""), _numbers(frame)
    if not len(values) or not unit or unit.startswith(("ratio", "index", "stages", "count", "%")):
        return None
    if not unit.startswith("share"):
        text = f"the frame's attrs say {unit!r}, and none of its numbers is above 1, as of shares"
        return ("share", text) if _within_one(frame) else None
    # Single shares may be above one, where inventories are negative: half of them are not.
    text = f"the frame's attrs say {unit!r}, and its numbers reach {_three(float(values.max()))}"
    return ("", text) if float(np.median(values)) > 1.5 else None
