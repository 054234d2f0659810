"""Fetching tables that may be fetched without a login, and saying where to click for the others."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gvckit.errors import DownloadError, GvcError, MissingDependencyError, OptionError

#: Seconds without a byte after which a server counts as stalled, tries, and bytes written at a time.
TIMEOUT, TRIES, CHUNK = 60.0, 4, 1 << 16
#: Pause before the next try, in seconds, times the number of the try.
PAUSE = 1.0


@dataclass(frozen=True)
class Dataset:
    """Where a table is and under what licence.

    Attributes
    ----------
    url : str
        With ``{year}`` where there is a file a year, ``{id}`` where a site numbers its files.
    file : str
        Name that the file gets.
    years : range
    licence : str
        Line that is shown.
    bundles : mapping of (first year, last year) to id
        Where one archive holds several years.
    hashes : mapping of file to ``algorithm:checksum``
        Those that have been published. Others are learnt at the first download and checked from then on.
    """

    url: str
    file: str
    years: range
    licence: str
    bundles: dict[tuple[int, int], str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)


_OECD = "https://stats.oecd.org/wbos/fileview2.aspx?IDFile={id}"
_DATAVERSE = "https://dataverse.nl/api/access/datafile/"
_WIOD = "WIOD, CC BY 4.0: cite Timmer et al. (2015), Review of International Economics 23: 575-605"
#: Tables that can be fetched.
DATASETS: dict[str, Dataset] = {
    "wiod2013": Dataset(_DATAVERSE + "199123", "WIOTS_in_EXCEL.zip", range(1995, 2012), _WIOD),
    "wiod2016": Dataset(_DATAVERSE + "199101", "WIOTS_in_R.zip", range(2000, 2015), _WIOD),
    "wiod_longrun": Dataset(_DATAVERSE + "268666", "lr_wiod_wiot_final_filled.zip", range(1965, 2001), _WIOD),
    "icio2021": Dataset(
        _OECD, "ICIO2021_{first}-{last}.zip", range(1995, 2019), "OECD ICIO 2021: cite the OECD and the edition",
        {
            (1995, 1999): "91d8e84b-7406-46b9-af5f-ec096242755c", (2000, 2004): "8adf89dd-18b4-40fe-bc7f-c822052eb961",
            (2005, 2009): "fe218690-0a3b-44aa-a82c-b3e3da6d24db", (2010, 2014): "2c2f499f-5703-4034-9457-2f7518e8f2fc",
            (2015, 2018): "59a3d7f2-3f23-40d5-95ca-48da84c0f861",
        },
    ),
    "icio2023_extended": Dataset(
        _OECD, "ICIO2023_{first}-{last}.zip", range(1995, 2021), "OECD ICIO 2023: cite the OECD and the edition",
        {
            (1995, 2000): "d26ad811-5b58-4f0c-a4e3-06a1469e475c", (2001, 2005): "7cb93dae-e491-4cfd-ac67-889eb7016a4a",
            (2006, 2010): "ea165bfb-3a85-4e0a-afee-6ba8e6c16052", (2011, 2015): "1f791bc6-befb-45c5-8b34-668d08a1702a",
            (2016, 2020): "d1ab2315-298c-4e93-9a81-c6f2273139fe",
        },
    ),
    "figaro_ixi": Dataset(
        "https://ec.europa.eu/eurostat/documents/51957/19579808/flatfile_eu-ic-io_ind-by-ind_24ed_{year}.zip",
        "flatfile_eu-ic-io_ind-by-ind_24ed_{year}.zip", range(2010, 2023), "Eurostat, FIGARO, CC BY 4.0: cite Eurostat",
    ),
    "exiobase3_ixi": Dataset(
        "https://zenodo.org/records/5589597/files/IOT_{year}_ixi.zip", "IOT_{year}_ixi.zip", range(1995, 2023),
        "EXIOBASE 3.8.2, CC BY-SA 4.0: cite Stadler et al. (2018), Journal of Industrial Ecology 22(3): 502-515",
    ),
    "exiobase3_pxp": Dataset(
        "https://zenodo.org/records/5589597/files/IOT_{year}_pxp.zip", "IOT_{year}_pxp.zip", range(1995, 2023),
        "EXIOBASE 3.8.2, CC BY-SA 4.0: cite Stadler et al. (2018), Journal of Industrial Ecology 22(3): 502-515",
    ),
}  # fmt: skip
#: Tables whose sites want a person.
BY_HAND = {
    "adb": "ADB's tables are behind a web form. Open the Asian Development Bank's Key Indicators Database, choose "
    "Globalization, then Multiregional Input-Output Tables, pick years and prices, save the xlsx files to a folder, "
    "and call gk.read_adb(path)",
    "eora26": "Eora26 wants a login. Register at worldmrio.com, open Simplified Eora26, save Eora26_YEAR_bp.zip and "
    "indices.zip to one folder, and call gk.read_eora26(folder)",
}


def download(
    name: str, year: int | None = None, cache: str | os.PathLike[str] | None = None, progress: bool = True
) -> Path:
    """Fetch a table, or find it in the cache.

    A download that breaks off goes on where it stopped at the next call.

    Parameters
    ----------
    name : str
        ``wiod2013``, ``wiod2016``, ``wiod_longrun``, ``icio2021``, ``icio2023_extended``, ``figaro_ixi``,
        ``exiobase3_ixi``, ``exiobase3_pxp``; for ``adb`` and ``eora26`` the error says where to click.
    year : int, optional
        Which year, where files are by year.
    cache : path, optional
        Folder; by default the environment variable GVCKIT_CACHE, else the user's cache folder.
    progress : bool, default True
        Show a progress bar, and the licence line.

    Returns
    -------
    Path
        For ``gk.read(path, year=...)``.

    Raises
    ------
    DownloadError
        The server fails, truncates or stalls, the checksum differs, or the site wants a person.
    OptionError
        A name or year that is not there.
    MissingDependencyError
        pooch is not installed.

    Notes
    -----
    Addresses are those that other projects use; they couldn't be tried when this was written. A site's own checksum is
    used where one is published; else the checksum of the first download is kept beside it and checked from then on.
    """
    if name in BY_HAND:
        raise DownloadError(BY_HAND[name])
    if name not in DATASETS:
        raise OptionError.of("name", name, [*DATASETS, *BY_HAND])
    pooch = _pooch()
    dataset = DATASETS[name]
    url, file = _address(name, dataset, year)
    folder = Path(cache or os.environ.get("GVCKIT_CACHE") or pooch.os_cache("gvckit"))
    if progress:
        from tqdm import tqdm

        tqdm.write(f"{file}: {dataset.licence}")
    target = folder / file
    learnt = target.with_name(f"{file}.sha256")
    known = dataset.hashes.get(file) or (learnt.read_text(errors="replace").strip() if learnt.exists() else None)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = Path(
            pooch.retrieve(url, known_hash=known, fname=file, path=folder, downloader=_resuming(folder, file, progress))
        )
    except ValueError as error:
        raise DownloadError(
            f"{file}: the checksum differs from {known}. The site has changed the file, or it came damaged; if you "
            f"trust it, remove {learnt}"
        ) from error
    except GvcError:
        raise
    except OSError as error:
        raise DownloadError(f"{target} can't be written: {error}") from error
    if file.endswith(".zip") and not zipfile.is_zipfile(found):
        begin = found.read_bytes()[:60]
        found.unlink()
        raise DownloadError(f"{file}: what {url} sent is no zip archive; it begins with {begin!r}")
    if known is None:
        learnt.write_text(f"sha256:{pooch.file_hash(str(found), alg='sha256')}\n")
    return found


def _pooch() -> Any:
    try:
        import pooch
    except ImportError as error:
        raise MissingDependencyError.of("pooch", "download", "download") from error
    # It would say the checksum of every file; the cache keeps it.
    pooch.get_logger().setLevel("WARNING")
    return pooch


def _address(name: str, dataset: Dataset, year: int | None) -> tuple[str, str]:
    """Address and file name for a year."""
    by_year = "{" in dataset.url
    if year is None and by_year:
        raise OptionError(f"{name} has a file a year: say which by year= ({dataset.years[0]} to {dataset.years[-1]})")
    if year is not None and year not in dataset.years:
        raise OptionError(f"{name} has the years {dataset.years[0]} to {dataset.years[-1]}, not {year}")
    parts: dict[str, object] = {"year": year}
    for (first, last), number in dataset.bundles.items():
        if year is not None and first <= year <= last:
            parts |= {"first": first, "last": last, "id": number}
    return dataset.url.format(**parts), dataset.file.format(**parts)


def _resuming(folder: Path, file: str, progress: bool) -> Callable[[str, Any, Any], None]:
    """Downloader for pooch that keeps what came and goes on from there."""

    def fetch(url: str, output_file: Any, _pooch: Any) -> None:
        part = folder / f"{file}.part"
        reason = ""
        for number in range(1, TRIES + 1):
            try:
                _fetch_rest(url, part, file, progress)
                part.replace(output_file)
                return
            except _BrokenError as broken:
                reason = str(broken)
            if number < TRIES:
                time.sleep(PAUSE * number)
        kept = part.stat().st_size if part.exists() else 0
        more = f"; {kept:,} bytes are kept, and the next call goes on from there" if kept else ""
        raise DownloadError(f"{file} could not be fetched in {TRIES} tries: {reason}{more}")

    return fetch


class _BrokenError(Exception):
    """A try that failed and may be made again."""


def _fetch_rest(url: str, part: Path, file: str, progress: bool) -> None:
    """Fetch what is missing of a file."""
    import requests
    from tqdm.auto import tqdm

    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == 416:
                # Nothing is left to send, or the file has changed: start anew.
                part.unlink(missing_ok=True)
                raise _BrokenError("the server refuses to go on from where it stopped")
            if answer.status_code in (400, 401, 403, 404, 410):
                raise DownloadError(f"{file}: {url} answers {answer.status_code} {answer.reason}")
            if answer.status_code not in (200, 206):
                raise _BrokenError(f"the server answers {answer.status_code} {answer.reason}")
            # Only what goes on exactly where it stopped is put behind it.
            goes_on = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
            start = have if goes_on else 0
            length = answer.headers.get("Content-Length")
            total = start + int(length) if length else None
            bar = tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=file, disable=not progress)
            with part.open("ab" if goes_on else "wb") as out, bar:
                for chunk in answer.iter_content(CHUNK):
                    out.write(chunk)
                    bar.update(len(chunk))
    except requests.RequestException as error:
        raise _BrokenError(f"the connection broke off: {error}") from error
    if part.stat().st_size == 0:
        part.unlink()
        raise _BrokenError("the server sent nothing")
    if total is not None and part.stat().st_size < total:
        raise _BrokenError(f"only {part.stat().st_size:,} of {total:,} bytes came")
