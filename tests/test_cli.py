import subprocess
import sys

import matplotlib.image
import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.__main__ import main
from gvckit.study.reproduce import reproduce


def test_download_says_where_to_click(capsys):
    assert main(["download", "adb"]) == 1
    assert "save the xlsx files" in capsys.readouterr().err


def test_reproduce_writes_what_it_names(tmp_path):
    paths = list(reproduce(tmp_path / "results", progress=False))
    assert sorted(paths) == sorted((tmp_path / "results").iterdir())
    frame = pd.read_csv(tmp_path / "results" / "participation_forward_region.csv", index_col=["year", "region"])
    np.testing.assert_allclose(frame.loc[2005], gk.participation(gk.load_sample(2005), level="region"), rtol=1e-12)
    picture = matplotlib.image.imread(tmp_path / "results" / "participation_medium_high_technology.png")
    assert picture.shape[:2] == (920, 2000)
    assert picture[..., :3].std() > 0.05


def test_participation_command(tmp_path, sample, capsys):
    sample.save(tmp_path / "t.gvc")
    readers = {
        ".csv": pd.read_csv,
        ".parquet": pd.read_parquet,
        ".xlsx": lambda path: pd.read_excel(path, engine="openpyxl"),
    }
    for suffix, read in readers.items():
        target = tmp_path / f"out{suffix}"
        assert main(["participation", str(tmp_path / "t.gvc"), "-o", str(target), "--no-progress"]) == 0
        frame = read(target)
        assert frame["total"].sum() == pytest.approx(sample.va.sum())
    assert main(["participation", str(tmp_path / "t.gvc"), "--shares", "--no-progress"]) == 0
    assert "CHN" in capsys.readouterr().out
    assert main(["participation", str(tmp_path / "t.gvc"), "-o", "x.doc", "--no-progress"]) == 1
    assert "'.csv', '.parquet', '.xlsx'" in capsys.readouterr().err


def test_check_and_convert(tmp_path, sample, leather, capsys):
    sample.save(tmp_path / "t.gvc")
    assert main(["check", str(tmp_path / "t.gvc"), "-o", str(tmp_path / "report.csv")]) == 3
    assert "negative_inventories" in capsys.readouterr().out
    assert len(pd.read_csv(tmp_path / "report.csv")) == len(sample.audit())
    leather.save(tmp_path / "l.gvc")
    assert main(["check", str(tmp_path / "l.gvc")]) == 0
    assert "nothing found" in capsys.readouterr().out
    assert main(["convert", str(tmp_path / "l.gvc"), str(tmp_path / "again.gvc")]) == 0
    assert gk.read(tmp_path / "again.gvc") == leather


def test_a_bad_file_is_one_line_and_exit_code_one(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "gvckit", "check", str(tmp_path / "none.xlsx")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip().endswith("none.xlsx: no such file")
    assert "Traceback" not in done.stderr
    assert subprocess.run([sys.executable, "-m", "gvckit"], capture_output=True, check=False).returncode == 2


def test_folders_of_years_with_workers_and_checkpoint(tmp_path, capsys):
    for year in (2004, 2005):
        gk.load_sample(year).save(tmp_path / f"{year}.gvc")
    out = tmp_path / "out" / "flows.csv"
    arguments = [
        str(tmp_path),
        "--kind",
        "gvc",
        "--workers",
        "2",
        "--no-progress",
        "--checkpoint",
        str(tmp_path / "kept"),
    ]
    assert main(["flows", *arguments, "-o", str(out)]) == 0
    found = pd.read_csv(out, index_col=[0, 1])
    want = gk.panel(gk.flows, [2004, 2005], progress=False, kind="gvc")
    np.testing.assert_allclose(found, want)
    assert main(["exports", str(tmp_path / "2005.gvc"), "--exporter", "CHN", "--no-progress"]) == 0
    assert "DVA" in capsys.readouterr().out
    # A year that fails is named, the others are written, and the exit code says so.
    (tmp_path / "2006.csv").write_text("nothing,of,use\n1,2,3\n")
    out = tmp_path / "partial.parquet"
    assert main(["participation", str(tmp_path), "--no-progress", "-o", str(out)]) == 1
    assert "1 of 3 tables failed" in capsys.readouterr().err
    assert pd.read_parquet(out).index.unique("year").tolist() == [2004, 2005]
    (tmp_path / "2006.csv").unlink()
    # A result in the folder of the tables is not taken for one of them.
    for _ in range(2):
        out = tmp_path / "out.csv"
        assert main(["participation", str(tmp_path), "--no-progress", "-o", str(out)]) == 0
    assert main(["convert", str(tmp_path / "2005.gvc"), str(tmp_path)]) == 1
    assert "gvckit: " in capsys.readouterr().err
    assert main(["check", str(tmp_path / "2005.gvc"), "-o", "x.doc"]) == 1
    assert main(["participation", str(tmp_path), "-o", "x.doc"]) == 1
    assert "'.csv', '.parquet', '.xlsx'" in capsys.readouterr().err


def test_a_source_is_never_written_over(tmp_path, sample, capsys, monkeypatch):
    path = tmp_path / "t.gvc"
    sample.save(path)
    before = path.read_bytes()
    (tmp_path / "link.gvc").symlink_to(path)
    (tmp_path / "hard.gvc").hardlink_to(path)
    monkeypatch.chdir(tmp_path)
    for target in ("t.gvc", str(path), "./t.gvc", "link.gvc", "hard.gvc"):
        assert main(["convert", str(path), target]) == 1
        assert "is the table that is read" in capsys.readouterr().err
    # A table by another name, where a result would go.
    for name in ("t.csv", "t.xlsx"):
        (tmp_path / name).write_bytes(before)
        for command in (["participation", name], ["check", name], ["flows", str(tmp_path)]):
            assert main([*command, "-o", str(tmp_path / name)]) == 1
            assert "is the table that is read" in capsys.readouterr().err
        assert (tmp_path / name).read_bytes() == before
        (tmp_path / name).unlink()
    assert path.read_bytes() == before
    assert main(["convert", "t.gvc", "other.gvc"]) == 0
    assert gk.read("other.gvc") == sample


def test_trace_indicators_and_counterfactual(tmp_path, sample, capsys):
    path = tmp_path / "t.gvc"
    sample.save(path)
    quiet = ["--no-progress"]
    out = tmp_path / "out.csv"
    arguments = ["--product", "sector", "--absorber", "region", "--origins", "China", "--origins", "USA,Machinery"]
    arguments += ["--products", "Food, textiles, wood and paper", "--absorbers", "DEU"]
    assert main(["trace", str(path), *arguments, "-o", str(out), *quiet]) == 0
    found = pd.read_csv(out)
    wanted = gk.trace(
        sample, "region", "sector", "region", origins=["CHN", ("USA", "Machinery")],
        products=["Food, textiles, wood and paper"], absorbers="DEU",
    )  # fmt: skip
    assert list(found.columns) == ["year", "region", "product_region", "product_sector", "absorber", "value"]
    np.testing.assert_allclose(found["value"], wanted.to_numpy().ravel())
    assert main(["trace", str(path), "--origin", "sum", *quiet]) == 0
    assert f"{sample.va.sum():.0f}"[:6] in capsys.readouterr().out.replace(".", "").replace("e", "")
    assert main(["indicators", str(path), "--level", "region", "-o", str(out), *quiet]) == 0
    frame = pd.read_csv(out, index_col=["year", "region"])
    np.testing.assert_allclose(frame.loc[2005], gk.indicators(sample, "region"), rtol=1e-12)
    war, new = ["--tariff", "CHN,USA=0.25", "--tariff", "USA,China,Machinery=0.1"], tmp_path / "war.gvc"
    assert main(["counterfactual", str(path), *war, "-o", str(out), "--table", str(new), *quiet]) == 0
    found = gk.counterfactual(sample, {("CHN", "USA"): 0.25, ("USA", "CHN", "Machinery"): 0.1})
    np.testing.assert_allclose(pd.read_csv(out, index_col="region"), found.summary(), rtol=1e-9)
    np.testing.assert_allclose(gk.read(new).arrays.z, found.table.arrays.z, rtol=1e-9)
    told = capsys.readouterr().out
    assert "welfare" in told
    assert "are set to 0" in told
    cut = ["--cost", "CHN,USA=inf", "--elasticity", "published", "--shares", "pooled"]
    assert main(["counterfactual", str(path), *cut, *quiet]) == 0
    assert "real_wage" in capsys.readouterr().out
    assert main(["counterfactual", str(path), "--elasticity", "high", *quiet]) == 1
    assert "published" in capsys.readouterr().err
    assert main(["counterfactual", str(path), "--table", str(path), *quiet]) == 1
    for wrong in ("CHN=0.25", "CHN,USA", "CHN,USA=much"):
        with pytest.raises(SystemExit) as caught:
            main(["counterfactual", str(path), "--tariff", wrong])
        assert caught.value.code == 2
        assert "such as CHN,USA=0.25" in capsys.readouterr().err


def test_help_has_an_example_of_each_command_that_is_understood(capsys):
    from gvckit.__main__ import _COMMANDS, parser

    for name, (_, example) in _COMMANDS.items():
        with pytest.raises(SystemExit):
            main([name, "--help"])
        told = " ".join(capsys.readouterr().out.split())
        assert f"example: gvckit {name} {example}" in told
        parser().parse_args([name, *example.split()])


def test_a_missing_file_is_named_once_and_nothing_is_done(tmp_path, capsys):
    assert main(["participation", str(tmp_path / "none.xlsx")]) == 1
    told = capsys.readouterr().err
    assert told.count("none.xlsx") == 1
    assert "100%" not in told
    assert "1 failed" in told


def test_figures_in_other_formats(tmp_path, sample):
    few = sample.aggregate(regions={r: r if r in ("CHN", "USA", "DEU", "JPN") else "ROW" for r in sample.regions})
    paths = list(reproduce(tmp_path, progress=False, tables={2005: few}, formats=["pdf", "svg"]))
    pictures = {path.name for path in paths if path.suffix == ".png"}
    assert pictures
    for form, head in (("pdf", b"%PDF"), ("svg", b"<?xml")):
        assert {path.with_suffix(".png").name for path in paths if path.suffix == f".{form}"} == pictures
        assert (tmp_path / f"position.{form}").read_bytes().startswith(head)
    with pytest.raises(gk.OptionError, match="'pdf', 'svg'"):
        next(reproduce(tmp_path, progress=False, tables={2005: few}, formats=["bmp"]))


def test_convert_writes_no_file_that_others_could_not_open(tmp_path, sample, capsys):
    sample.save(tmp_path / "t.gvc")
    for name in ("out.csv", "out.xlsx"):
        assert main(["convert", str(tmp_path / "t.gvc"), str(tmp_path / name)]) == 1
        assert "name it out.gvc" in capsys.readouterr().err
        assert not (tmp_path / name).exists()
    with pytest.raises(SystemExit) as caught:
        main(["trace", str(tmp_path / "t.gvc"), "--origin", "country"])
    assert caught.value.code == 2
