"""Command line: the paper, measures over files or folders of years, what-ifs, and care for tables."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from gvckit._core import __version__
from gvckit.errors import GvcError, OptionError, PanelError, ReadError
from gvckit.options import (
    Deficits,
    Direction,
    ExportLevel,
    FigureFormat,
    FlowLevel,
    Kind,
    Level,
    Method,
    Partner,
    Sourcing,
)

if TYPE_CHECKING:
    import pandas as pd

#: Exit codes: a pipeline can tell a wrong call (2, by argparse) from a bad table.
FAILED, FOUND = 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(message)s")
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        return command(options)
    except GvcError as error:
        print(f"gvckit: {error}", file=sys.stderr)
        for note in getattr(error, "__notes__", []):
            print(f"  {note}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # Whoever reads has enough, as `head` does; what is left to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        print(f"gvckit: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("gvckit: interrupted", file=sys.stderr)
        return 130


#: Commands: what each does, and an example.
_COMMANDS = {
    "reproduce": ("the paper's tables, figures and claims", "--data adb --years 2000,2017 --report"),
    "participation": ("participation in value chains, to a file or the screen", "adb/ --shares -o shares.csv"),
    "flows": ("value added from source to partner, to a file or the screen", "2017.xlsx --kind gvc --sector c14"),
    "exports": ("decomposition of gross exports, to a file or the screen", "2017.xlsx --method wwz --exporter China"),
    "trace": (
        "whose value added (or other factor), in which final product, for whom",
        "2017.xlsx --product sector --origins China --products USA,c15",
    ),
    "indicators": ("one frame of rates and levels, by sector, for regressions", "adb/ -o indicators.parquet"),
    "counterfactual": (
        "general equilibrium after tariffs or trade costs: changes by region, and the new table",
        "2017.xlsx --tariff CHN,USA=0.25 --tariff USA,CHN=0.25 --table war.gvc",
    ),
    "check": ("audit of a table", "2017.xlsx -o findings.csv"),
    "convert": ("read a table and save it in the package's own format", "2017.xlsx 2017.gvc"),
    "download": ("fetch a database's file, and print where it is", "figaro_ixi --year 2020"),
}
#: What an axis of a trace that is summed is called.
_SUMMED = "sum"
_EXIT = f"exit codes: 0 done, {FAILED} failed, 2 a wrong call, {FOUND} check found something, 130 interrupted"


def parser() -> argparse.ArgumentParser:
    """Arguments of all commands."""
    top = argparse.ArgumentParser(
        prog="gvckit", description="Global value chain measures from the command line.", epilog=_EXIT
    )
    top.add_argument("--version", action="version", version=f"gvckit {__version__}")
    top.add_argument("-v", "--verbose", action="store_true", help="say what readers recognise and drop")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    adders = {
        "reproduce": _add_reproduce, "participation": _add_participation, "flows": _add_flows, "exports": _add_exports,
        "trace": _add_trace, "indicators": _add_indicators, "counterfactual": _add_counterfactual, "check": _add_check,
        "convert": _add_convert, "download": _add_download,
    }  # fmt: skip
    for name, (told, example) in _COMMANDS.items():
        command = commands.add_parser(
            name, help=told, description=f"{told[0].upper()}{told[1:]}.", epilog=f"example: gvckit {name} {example}"
        )
        adders[name](command)
    return top


def _add_reproduce(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", type=Path, default=Path("results"), help="folder (default: results)")
    command.add_argument("--data", type=Path, help="folder of your tables, any layout (default: the embedded table)")
    command.add_argument("--years", type=years_of, help="only these: 2010-2017, or 2000,2017")
    command.add_argument("--report", action="store_true", help="also report.html, one page with all of it")
    command.add_argument(
        "--format", choices=get_args(FigureFormat), action="append",
        help="of figures, beside png (may be given again)",
    )  # fmt: skip
    _add_quiet(command)
    command.set_defaults(run=_reproduce)


def _add_participation(command: argparse.ArgumentParser) -> None:
    _add_panel(command, "direction", "level", "shares", "detail")
    command.add_argument("--direction", choices=get_args(Direction), default="forward")
    command.add_argument("--level", choices=get_args(Level), default="sector", help="(default: sector)")
    command.add_argument("--shares", action="store_true", help="shares instead of levels")
    command.add_argument("--detail", action="store_true", help="split complex into returned and third")


def _add_flows(command: argparse.ArgumentParser) -> None:
    _add_panel(command, "kind", "level", "partner", "sector")
    command.add_argument("--kind", choices=get_args(Kind), default="complex")
    command.add_argument("--level", choices=get_args(FlowLevel), default="region")
    command.add_argument("--partner", choices=get_args(Partner), default="importer")
    command.add_argument("--sector", action="append", help="only value added of this sector (may be given again)")


def _add_exports(command: argparse.ArgumentParser) -> None:
    _add_panel(command, "method", "level", "exporter", measure="decompose_exports")
    command.add_argument("--method", choices=get_args(Method), default="bm_source")
    command.add_argument("--level", choices=get_args(ExportLevel), default="region")
    command.add_argument("--exporter", action="append", help="only this exporter (may be given again)")


def _add_trace(command: argparse.ArgumentParser) -> None:
    names = ("origin", "product", "absorber", "factor", "origins", "products", "absorbers")
    _add_panel(command, *names, measure="trace")
    both = (*get_args(FlowLevel), _SUMMED)
    for axis, default, choices in (("origin", "region", both), ("product", _SUMMED, both),
                                   ("absorber", _SUMMED, ("region", _SUMMED))):  # fmt: skip
        command.add_argument(f"--{axis}", default=default, choices=choices, help=f"(default: {default})")
    command.add_argument("--factor", help="an account of the table in place of value added")
    for name in ("origins", "products"):
        told = "only these: a region, a sector, or REGION,SECTOR (may be given again)"
        command.add_argument(f"--{name}", action="append", type=_chosen, help=told)
    command.add_argument("--absorbers", action="append", help="only these regions (may be given again)")


def _add_indicators(command: argparse.ArgumentParser) -> None:
    _add_panel(command, "level")
    command.add_argument("--level", choices=get_args(FlowLevel), default="sector", help="(default: sector)")


def _add_counterfactual(command: argparse.ArgumentParser) -> None:
    command.add_argument("table", type=Path)
    command.add_argument("-o", "--output", type=Path, help="changes by region as csv, parquet or xlsx")
    command.add_argument("--table", dest="target", type=Path, help="save the new table here, as convert does")
    for name, told in (("tariff", "rate to add: 0.25"), ("cost", "factor: 1.1, or inf for no trade")):
        command.add_argument(
            f"--{name}", action="append", type=_shock, default=[], metavar="EXPORTER,IMPORTER[,SECTOR]=NUMBER",
            help=f"{told}; * is all (may be given again)",
        )  # fmt: skip
    command.add_argument(
        "--elasticity", default="4", help="a number for all sectors (default: 4), or published: Caliendo and Parro's"
    )
    command.add_argument("--shares", choices=get_args(Sourcing), default="use")
    command.add_argument("--deficits", choices=get_args(Deficits), default="constant")
    command.add_argument("--clean", action="store_true", help="mend value added and flows below 0, and say so")
    _add_quiet(command)
    command.set_defaults(run=_counterfactual)


def _add_check(command: argparse.ArgumentParser) -> None:
    command.add_argument("table", type=Path)
    command.add_argument("-o", "--output", type=Path, help="all findings as csv, parquet or xlsx")
    command.add_argument("--rtol", type=float, default=1e-6, help="gaps of balance up to this share are fine")
    command.set_defaults(run=_check)


def _add_convert(command: argparse.ArgumentParser) -> None:
    command.add_argument("table", type=Path)
    command.add_argument("target", type=Path)
    command.add_argument("--year", type=int, help="which year, where the file holds several")
    command.set_defaults(run=_convert)


def _add_download(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", help="such as wiod2016, icio2023_extended, figaro_ixi, exiobase3_ixi, adb, eora26")
    command.add_argument("--year", type=int, help="which year, where there is a file a year")
    command.add_argument("--cache", type=Path, help="folder (default: GVCKIT_CACHE, else the user's cache folder)")
    _add_quiet(command)
    command.set_defaults(run=_download)


def _add_quiet(command: argparse.ArgumentParser) -> None:
    command.add_argument("--no-progress", action="store_true", help="no progress bar")


def years_of(text: str) -> list[int]:
    """Years of an argument such as 2010-2017 or 2000,2017."""
    years: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        try:
            several = range(int(first), int(last or first) + 1)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{part!r} is no year: give 2010-2017 or 2000,2017") from error
        if not several:
            raise argparse.ArgumentTypeError(f"{part}: the last year is before the first")
        years.update(several)
    return sorted(years)


def _reproduce(options: argparse.Namespace) -> int:
    from gvckit.readers.sample import load_sample
    from gvckit.study.reproduce import reproduce
    from gvckit.study.results import load_tables

    tables = None
    if options.data is not None:
        tables = load_tables(options.data, options.years)
    elif options.years is not None:
        tables = {year: load_sample(year) for year in options.years}
    # Listed at the end: progress bars would run between the names.
    formats = options.format or ()
    paths = list(reproduce(options.output, not options.no_progress, tables, options.report, formats))
    print(f"{len(paths)} files written:", *paths, sep="\n")
    return 0


def _add_panel(command: argparse.ArgumentParser, *wanted: str, measure: str | None = None) -> None:
    """Arguments of a measure over years: its options, and by default it is called as the command is."""
    command.add_argument(
        "table", type=Path, nargs="+", help="one file a year, in any layout that read() knows, or a folder"
    )
    command.add_argument("-o", "--output", type=Path, help="csv, parquet or xlsx by its ending (default: the screen)")
    command.add_argument("--workers", type=int, help="processes; each holds one table (default: 1)", default=1)
    command.add_argument("--checkpoint", type=Path, help="folder of finished parts, from which a rerun goes on")
    _add_quiet(command)
    name = measure or command.prog.split()[-1]
    command.set_defaults(run=lambda options: _panel(options, name, {key: getattr(options, key) for key in wanted}))


def _chosen(text: str) -> str | tuple[str, str]:
    """A region, a sector, or REGION,SECTOR; in a name such as ``Food, textiles`` a space follows the comma."""
    region, comma, sector = text.partition(",")
    return (region, sector) if comma and not sector.startswith(" ") else text


def _shock(text: str) -> tuple[tuple[str, ...], float]:
    """EXPORTER,IMPORTER[,SECTOR]=NUMBER."""
    key, equals, number = text.rpartition("=")
    parts = tuple(part.strip() for part in key.split(",", 2))
    try:
        value = float(number)
    except ValueError:
        value = float("nan")
    if not equals or len(parts) < 2 or value != value:
        raise argparse.ArgumentTypeError(f"{text!r}: EXPORTER,IMPORTER[,SECTOR]=NUMBER is wanted, such as CHN,USA=0.25")
    return parts, value


def _counterfactual(options: argparse.Namespace) -> int:
    from gvckit.models.counterfactual import counterfactual
    from gvckit.models.elasticity import trade_elasticities
    from gvckit.readers import read
    from gvckit.write import check_suffix, write_frame

    if options.output is not None:
        check_suffix(options.output)
    for target in (options.output, options.target):
        _keep_sources(target, [options.table])
    t = read(options.table)
    published = options.elasticity == "published"
    try:
        theta = trade_elasticities(t) if published else float(options.elasticity)
    except ValueError as error:
        raise OptionError(f"elasticity={options.elasticity!r}: a number is wanted, or published") from error
    found = counterfactual(
        t, dict(options.tariff) or None, dict(options.cost) or None, elasticity=theta, shares=options.shares,
        deficits=options.deficits, clean=options.clean, progress=not options.no_progress,
    )  # fmt: skip
    if options.target is not None:
        found.table.save(options.target)
    changes = found.summary()
    print(found, changes.to_string() if options.output is None else write_frame(changes, options.output), sep="\n")
    if options.target is not None:
        print(options.target)
    return 0


def _panel(options: argparse.Namespace, name: str, wanted: dict[str, Any]) -> int:
    """Run a measure over files or a folder, and write what came of it; a failed year is named, others are written."""
    import gvckit
    from gvckit.many.panel import panel
    from gvckit.readers import tables_in
    from gvckit.write import check_suffix, write_frame

    if options.output is not None:
        check_suffix(options.output)
    measure = _long_trace if name == "trace" else getattr(gvckit, name)
    tables = options.table
    if len(tables) == 1 and tables[0].is_dir():
        # A result of an earlier run in the same folder is no table.
        tables = [path for path in tables_in(tables[0]) if not _is_result(path, options.output)]
    _keep_sources(options.output, tables)
    with ExitStack() as stack:
        executor = None
        if options.workers > 1:
            spawn = get_context("spawn")
            executor = stack.enter_context(ProcessPoolExecutor(options.workers, mp_context=spawn))
        try:
            frame, failed = panel(
                measure, tables, executor, not options.no_progress, workers=options.workers,
                checkpoint=options.checkpoint, **wanted,
            ), None  # fmt: skip
        except PanelError as error:
            frame, failed = error.partial, error
    if len(frame):
        print(frame.to_string() if options.output is None else write_frame(frame, options.output))
    if failed is not None:
        raise failed
    return 0


def _long_trace(t: Any, **options: Any) -> pd.DataFrame:
    """A trace with its columns as levels of the rows, as files have them."""
    import pandas as pd

    from gvckit.measures.trace import trace
    from gvckit.table.labels import crossed

    axes = {name: None if options[name] == _SUMMED else options[name] for name in ("origin", "product", "absorber")}
    frame = trace(t, **{**options, **axes})
    if list(frame.columns) == ["all"]:
        return frame.set_axis(["value"], axis=1)
    index = crossed(frame.index, frame.columns)
    long = pd.DataFrame(frame.to_numpy().reshape(-1, 1), index=index, columns=["value"])
    long.attrs.update(frame.attrs)
    return long


#: What its bar of progress is called.
_long_trace.__name__ = "trace"


def _keep_sources(target: Path | None, sources: Sequence[Path]) -> None:
    """Refuse to write over what is read."""
    for source in sources:
        if target is not None and _same(source, target):
            raise OptionError(f"{target} is the table that is read: name another file, or it would be overwritten")


def _same(one: Path, other: Path) -> bool:
    """Whether two names are of one file, by links too."""
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


def _is_result(path: Path, output: Path | None) -> bool:
    """Whether a file is what an earlier run wrote to the same output, and no table."""
    from gvckit.readers import read

    if output is None or not _same(path, output):
        return False
    try:
        read(path)
    except ReadError:
        return True
    return False


def _check(options: argparse.Namespace) -> int:
    from gvckit.meaning.describe import describe
    from gvckit.readers import read
    from gvckit.write import check_suffix, write_frame

    if options.output is not None:
        check_suffix(options.output)
    _keep_sources(options.output, [options.table])
    table = read(options.table)
    report = table.audit(rtol=options.rtol)
    print(repr(table), *table.notes, sep="\n")
    for name, meaning in describe("audit")["meaning"].items():
        found = report[report["check"] == name]
        if len(found):
            worst = found.iloc[0]
            place = " / ".join(filter(None, (worst["row"], worst["column"])))
            print(f"{name}: {len(found)}, largest {worst['value']:,.6g} at {place} ({meaning})")
    if options.output is not None:
        print(write_frame(report, options.output))
    if report.empty:
        print("nothing found")
    return FOUND if len(report) else 0


def _convert(options: argparse.Namespace) -> int:
    from gvckit.readers import read
    from gvckit.write import TABLE_SUFFIXES

    if options.target.suffix.lower() in TABLE_SUFFIXES:
        raise OptionError(
            f"{options.target} would hold the package's own format: name it {options.target.stem}.gvc; in Python, "
            "t.to_long().to_csv(...) writes a list of cells"
        )
    _keep_sources(options.target, [options.table])
    table = read(options.table, options.year)
    table.save(options.target)
    print(repr(table), *table.notes, sep="\n")
    print(options.target)
    return 0


def _download(options: argparse.Namespace) -> int:
    from gvckit.readers.download import download

    print(download(options.name, options.year, options.cache, progress=not options.no_progress))
    return 0


if __name__ == "__main__":
    sys.exit(main())
