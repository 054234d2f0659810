"""Ctrl-C and other signals: a run stops within a second, with what the signal raises, and the process ends."""

import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")

HEAD = """
import signal, sys, time
import gvckit as gk
t = gk.load_sample(2005)

class Enough(Exception):
    pass

def enough(*_):
    raise Enough("time is up")

signal.signal(signal.SIGALRM, enough)

def slow(t, seconds=30):
    time.sleep(seconds)
    return gk.participation(t)

def busy(t):
    return gk.participation(t)

gk.participation(t)
print("ready", flush=True)
try:
    {call}
except BaseException as error:
    print(type(error).__name__, error, flush=True)
    sys.exit(3)
"""

CALLS = {
    "draws": "gk.table_bands(t, busy, 100_000, progress=False)",
    "draws on one": "gk.table_bands(t, busy, 100_000, progress=False, workers=1)",
    "panel of kernels": "gk.panel(busy, {k: t for k in range(100_000)}, progress=False)",
    "panel of waiting": "gk.panel(slow, {k: t for k in range(8)}, progress=False, workers=3)",
    "panel on one": "gk.panel(slow, {1: t}, progress=False, workers=1)",
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", ["SIGINT", "SIGALRM"])
def test_a_signal_ends_a_run(call, kind):
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD.format(call=CALLS[call])], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(1.0)
        sent = time.monotonic()
        os.kill(process.pid, getattr(signal, kind))
        said, errors = process.communicate(timeout=20)
        took = time.monotonic() - sent
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 3, errors
    # One after the other, here: what is raised within the measure of a table is a failure of that table.
    raised = "PanelError" if call == "panel on one" else "Enough"
    assert said.split()[0] == {"SIGINT": "KeyboardInterrupt", "SIGALRM": raised}[kind]
    assert "time is up" in said or kind == "SIGINT"
    # On a quiet machine 0.2 s, and half a second that threads get to end what they do.
    assert took < 2
