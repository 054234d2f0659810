"""Command line: reproduce, participation, flows, exports, check, convert, download."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from gvckit._core import __version__
from gvckit.errors import GvcError, OptionError, PanelError, ReadError
from gvckit.options import Direction, ExportLevel, FlowLevel, Kind, Level, Method, Partner

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
    except OSError as error:
        print(f"gvckit: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("gvckit: interrupted", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """Arguments of all commands."""
    top = argparse.ArgumentParser(prog="gvckit", description="Global value chain measures from the command line.")
    top.add_argument("--version", action="version", version=f"gvckit {__version__}")
    top.add_argument("-v", "--verbose", action="store_true", help="say what readers recognise and drop")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    make = commands.add_parser("reproduce", help="the paper's tables, figures and claims")
    make.add_argument("-o", "--output", type=Path, default=Path("results"), help="folder (default: results)")
    make.add_argument("--data", type=Path, help="folder of your tables, any layout (default: the embedded table)")
    make.add_argument("--years", type=years_of, help="only these: 2010-2017, or 2000,2017")
    make.add_argument("--report", action="store_true", help="also report.html, one page with all of it")
    make.add_argument("--no-progress", action="store_true", help="no progress bar")
    make.set_defaults(run=_reproduce)

    part = commands.add_parser("participation", help="participation in value chains, to a file or the screen")
    _add_panel(part)
    part.add_argument("--direction", choices=get_args(Direction), default="forward")
    part.add_argument("--level", choices=get_args(Level), default="region")
    part.add_argument("--shares", action="store_true", help="shares instead of levels")
    part.add_argument("--detail", action="store_true", help="split complex into returned and third")
    part.set_defaults(run=_participation)

    flow = commands.add_parser("flows", help="value added from source to partner, to a file or the screen")
    _add_panel(flow)
    flow.add_argument("--kind", choices=get_args(Kind), default="complex")
    flow.add_argument("--level", choices=get_args(FlowLevel), default="region")
    flow.add_argument("--partner", choices=get_args(Partner), default="importer")
    flow.add_argument("--sector", action="append", help="only value added of this sector (may be given again)")
    flow.set_defaults(run=_flows)

    export = commands.add_parser("exports", help="decomposition of gross exports, to a file or the screen")
    _add_panel(export)
    export.add_argument("--method", choices=get_args(Method), default="bm_source")
    export.add_argument("--level", choices=get_args(ExportLevel), default="region")
    export.add_argument("--exporter", action="append", help="only this exporter (may be given again)")
    export.set_defaults(run=_exports)

    check = commands.add_parser("check", help=f"audit of a table; exit code {FOUND} when something is found")
    check.add_argument("table", type=Path)
    check.add_argument("-o", "--output", type=Path, help="all findings as csv, parquet or xlsx")
    check.add_argument("--rtol", type=float, default=1e-6, help="gaps of balance up to this share are fine")
    check.set_defaults(run=_check)

    convert = commands.add_parser("convert", help="read a table and save it in the package's own format")
    convert.add_argument("table", type=Path)
    convert.add_argument("target", type=Path)
    convert.add_argument("--year", type=int, help="which year, where the file holds several")
    convert.set_defaults(run=_convert)

    fetch = commands.add_parser("download", help="fetch a database's file, and print where it is")
    fetch.add_argument("name", help="such as wiod2016, icio2023_extended, figaro_ixi, exiobase3_ixi, adb, eora26")
    fetch.add_argument("--year", type=int, help="which year, where there is a file a year")
    fetch.add_argument("--cache", type=Path, help="folder (default: GVCKIT_CACHE, else the user's cache folder)")
    fetch.add_argument("--no-progress", action="store_true", help="no progress bar")
    fetch.set_defaults(run=_download)
    return top


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
    paths = list(reproduce(options.output, not options.no_progress, tables, options.report))
    print(f"{len(paths)} files written:", *paths, sep="\n")
    return 0


def _add_panel(command: argparse.ArgumentParser) -> None:
    """Arguments of commands that run over years."""
    command.add_argument(
        "table", type=Path, nargs="+", help="one file a year, in any layout that read() knows, or a folder"
    )
    command.add_argument("-o", "--output", type=Path, help="csv, parquet or xlsx by its ending (default: the screen)")
    command.add_argument("--workers", type=int, help="processes; each holds one table (default: 1)", default=1)
    command.add_argument("--checkpoint", type=Path, help="folder of finished parts, from which a rerun goes on")
    command.add_argument("--no-progress", action="store_true", help="no progress bar")


def _participation(options: argparse.Namespace) -> int:
    from gvckit.measures.participation import participation

    wanted = {name: getattr(options, name) for name in ("direction", "level", "shares", "detail")}
    return _panel(options, participation, wanted)


def _flows(options: argparse.Namespace) -> int:
    from gvckit.measures.flows import flows

    return _panel(options, flows, {name: getattr(options, name) for name in ("kind", "level", "partner", "sector")})


def _exports(options: argparse.Namespace) -> int:
    from gvckit.measures.exports import decompose_exports

    return _panel(
        options, decompose_exports, {name: getattr(options, name) for name in ("method", "level", "exporter")}
    )


def _panel(options: argparse.Namespace, measure: Callable[..., pd.DataFrame], wanted: dict[str, Any]) -> int:
    """Run a measure over files or a folder, and write what came of it; a failed year is named, others are written."""
    from gvckit.many.panel import panel
    from gvckit.readers import tables_in
    from gvckit.write import check_suffix, write_frame

    if options.output is not None:
        check_suffix(options.output)
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
