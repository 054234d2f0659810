"""Downloads from a server on this machine that also fails, truncates, stalls and changes its files."""

import hashlib
import http.server
import threading
import time
import types
from concurrent.futures import ThreadPoolExecutor

import pytest

import gvckit as gk
from gvckit.readers.download import BY_HAND, DATASETS, Dataset

CONTENT = bytes(range(256)) * 4000


class Server(http.server.BaseHTTPRequestHandler):
    """Plays the scenes of `script`, one a request; then serves the whole file."""

    script: list = []  # noqa: RUF012
    asked: list = []  # noqa: RUF012
    content = CONTENT

    def log_message(self, *_args):
        pass

    def do_GET(self):
        Server.asked.append(self.path)
        scene = Server.script.pop(0) if Server.script else "whole"
        if isinstance(scene, int):
            self.send_error(scene)
            return
        body = scene if isinstance(scene, bytes) else Server.content
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if scene == "truncate":
            self.wfile.write(body[: len(body) // 2])
        elif scene == "stall":
            self.wfile.write(body[: len(body) // 4])
            self.wfile.flush()
            time.sleep(1.5)
        else:
            self.wfile.write(body)


@pytest.fixture
def server(monkeypatch):
    Server.script, Server.asked, Server.content = [], [], CONTENT
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{running.server_address[1]}/{{year}}.bin"
    monkeypatch.setitem(DATASETS, "local", Dataset(url, "table_{year}.bin", range(2000, 2003), "test licence"))
    module = __import__("sys").modules["gvckit.readers.download"]
    monkeypatch.setattr(module, "TIMEOUT", 0.5)
    # pooch's pause between two tries.
    monkeypatch.setattr("pooch.core.time", types.SimpleNamespace(sleep=lambda _seconds: None))
    yield Server
    running.shutdown()
    running.server_close()


def fetch(tmp_path, **options):
    return gk.download("local", options.pop("year", 2001), cache=tmp_path, progress=False, **options)


def test_a_file_comes_once_and_is_kept(server, tmp_path):
    path = fetch(tmp_path)
    assert path.read_bytes() == CONTENT
    assert path.name == "table_2001.bin"
    assert fetch(tmp_path) == path
    assert len(server.asked) == 1
    assert {p.name for p in tmp_path.iterdir()} == {"table_2001.bin", "table_2001.bin.sha256"}


@pytest.mark.parametrize("scenes", [["truncate"], ["stall"], [503, "truncate", 500]])
def test_a_broken_download_starts_anew(server, tmp_path, scenes):
    server.script = list(scenes)
    assert fetch(tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == len(scenes) + 1


def test_what_came_in_part_is_never_put_together_with_another_file(server, tmp_path):
    server.script = ["truncate"] * 4
    with pytest.raises(gk.DownloadError, match=r"table_2001\.bin could not be fetched in 4 tries"):
        fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []
    server.content = b"the file of the new edition" * 9000
    assert fetch(tmp_path).read_bytes() == server.content


def test_threads_fetch_one_whole_file(server, tmp_path):
    server.script = [bytes([k]) * 600_000 for k in range(8)]  # the site sends something else each time
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda _k: fetch(tmp_path), range(8)))
    content = paths[0].read_bytes()
    assert len(content) == 600_000
    assert len(set(content)) == 1
    learnt = (tmp_path / "table_2001.bin.sha256").read_text().strip()
    assert learnt == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert fetch(tmp_path) == paths[0]
    assert {p.name for p in tmp_path.iterdir()} == {"table_2001.bin", "table_2001.bin.sha256"}


def test_a_file_that_is_not_there_is_said_at_once(server, tmp_path):
    server.script = [404]
    with pytest.raises(gk.DownloadError, match="answers 404"):
        fetch(tmp_path)
    assert len(server.asked) == 1
    assert not list(tmp_path.glob("*.bin"))


def test_a_changed_file_is_not_taken(server, tmp_path):
    path = fetch(tmp_path)
    path.write_bytes(b"damaged on the disk")
    server.content = b"another file"
    with pytest.raises(gk.DownloadError, match="the checksum differs"):
        fetch(tmp_path)
    server.content = CONTENT
    assert fetch(tmp_path).read_bytes() == CONTENT


def test_what_is_no_archive_is_not_kept(server, tmp_path, monkeypatch):
    monkeypatch.setitem(DATASETS, "zipped", Dataset(DATASETS["local"].url, "t_{year}.zip", range(2000, 2003), "test"))
    for content, message in ((b"<html>moved</html>", "no zip archive; it begins with b'<html>"), (b"", "sent nothing")):
        server.content = content
        with pytest.raises(gk.DownloadError, match=message):
            gk.download("zipped", 2001, cache=tmp_path, progress=False)
        assert not list(tmp_path.glob("t_2001.zip*"))
    (tmp_path / "file").write_text("")
    with pytest.raises(gk.DownloadError, match="can't be written"):
        fetch(tmp_path / "file")


def test_names_years_and_tables_that_want_a_person(server, tmp_path, monkeypatch):
    with pytest.raises(gk.OptionError, match="'wiod2016'"):
        gk.download("gtap")
    with pytest.raises(gk.OptionError, match="2000 to 2002, not 1990"):
        fetch(tmp_path, year=1990)
    with pytest.raises(gk.OptionError, match="say which by year="):
        gk.download("local", cache=tmp_path)
    for name in BY_HAND:
        with pytest.raises(gk.DownloadError, match="save"):
            gk.download(name)
    monkeypatch.setenv("GVCKIT_CACHE", str(tmp_path / "mine"))
    assert gk.download("local", 2002, progress=False).parent == tmp_path / "mine"
    monkeypatch.setitem(__import__("sys").modules, "pooch", None)
    with pytest.raises(gk.MissingDependencyError, match=r"gvckit\[download\]"):
        fetch(tmp_path)


def test_every_address_can_be_made():
    module = __import__("sys").modules["gvckit.readers.download"]
    for name, dataset in DATASETS.items():
        for year in dataset.years:
            url, file = module._address(name, dataset, year)
            assert "{" not in url + file
            assert url.startswith("https://")
        assert dataset.licence
