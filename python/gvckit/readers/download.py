"""Fetching tables that may be fetched without a login, and saying where to click for the others."""

from __future__ import annotations

import os
import threading
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gvckit.errors import DownloadError, MissingDependencyError, OptionError
from gvckit.write import replacing

#: Seconds without a byte after which a server counts as stalled, and how often it is asked again.
TIMEOUT, RETRIES = 60.0, 3
#: One thread at a time fetches; the others find the file in the cache.
_FETCHING = threading.Lock()


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
        The server fails, breaks off or stalls, the checksum differs, or the site wants a person.
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
    with _FETCHING:
        return _fetch(pooch, url, folder / file, dataset.hashes.get(file), progress)


def _fetch(pooch: Any, url: str, target: Path, published: str | None, progress: bool) -> Path:
    """Fetch a file unless it is there; it comes under a name of its own, and takes its place when it is whole."""
    file, learnt = target.name, target.with_name(f"{target.name}.sha256")
    known = published or (learnt.read_text(errors="replace").strip() if learnt.exists() else None)
    sums: list[str] = []

    def whole(url: str, temporary: str, _pooch: Any) -> None:
        try:
            pooch.HTTPDownloader(progressbar=progress, timeout=TIMEOUT)(url, temporary, None)
        except OSError as error:
            answer = getattr(error, "response", None)
            if answer is None or answer.status_code >= 500:
                raise
            # Asking again doesn't help.
            raise DownloadError(f"{file}: {url} answers {answer.status_code} {answer.reason}") from error
        _check_archive(Path(temporary), file, url)
        sums.append(f"sha256:{pooch.file_hash(temporary, alg='sha256')}")

    keeper = pooch.create(target.parent, "", registry={file: known}, urls={file: url}, retry_if_failed=RETRIES)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        keeper.fetch(file, downloader=whole)
        if known is None and sums:
            with replacing(learnt) as temporary:
                Path(temporary).write_text(f"{sums[-1]}\n")
    except ValueError as error:
        raise DownloadError(
            f"{file}: the checksum differs from {known}. The site has changed the file, or it came damaged; if you "
            f"trust it, remove {learnt}"
        ) from error
    except DownloadError:
        raise
    except OSError as error:  # of the network (requests' errors are such too) or of the disk
        if hasattr(error, "request"):
            raise DownloadError(f"{file} could not be fetched in {RETRIES + 1} tries: {error}") from error
        raise DownloadError(f"{target} can't be written: {error}") from error
    return target


def _check_archive(path: Path, file: str, url: str) -> None:
    """Refuse what came if it is nothing, or no archive where one was to come: the page of a login, say."""
    with path.open("rb") as found:
        begin = found.read(60)
    if not begin:
        raise DownloadError(f"{file}: {url} sent nothing")
    if file.endswith(".zip") and not zipfile.is_zipfile(path):
        raise DownloadError(f"{file}: what {url} sent is no zip archive; it begins with {begin!r}")


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
