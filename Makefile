# The verbs that people and CI call. Everything is installed into VENV, nothing outside it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# cargo asks this interpreter where OpenBLAS lies.
export PYO3_PYTHON := $(abspath $(BIN)/python)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: reproduce test cargo-test lint notebooks docs bench wheel dev clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The plain way: what `pip install .` gives a user.
reproduce: $(BIN)/python
	$(BIN)/python -m pip install -q .
	$(BIN)/gvckit reproduce --report --output results

test: $(BIN)/python
	$(BIN)/python -m pip install -q '.[test]'
	$(BIN)/python -m pytest $(PYTEST_ARGS)

cargo-test: $(BIN)/python
	$(BIN)/python -m pip install -q scipy-openblas32
	cargo test

lint: $(BIN)/python
	$(BIN)/python -m pip install -q '.[lint]'
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --all-targets --features python -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest gvckit._core --allowlist .stubtest-allow

# Every notebook is a script first (jupytext), its executed pair beside it; CI checks that they are in step.
notebooks: $(BIN)/python
	$(BIN)/python -m pip install -q '.[notebook]'
	$(BIN)/python scripts/run_notebooks.py $(if $(CI),--check)

# The site in docs/_build/html, with warnings as errors; then every block of its pages is run.
docs: $(BIN)/python
	$(BIN)/python -m pip install -q '.[docs]'
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html
	$(BIN)/python scripts/run_docs.py

bench: $(BIN)/python
	$(BIN)/python -m pip install -q '.[bench]'
	$(BIN)/python benches/bench.py --page docs/benchmarks.md

# The sdist and the wheel in dist/, looked through, and the wheel tried where there is no compiler.
wheel: $(BIN)/python
	$(BIN)/python -m pip install -q 'maturin>=1.9,<2' scipy-openblas32
	$(BIN)/python scripts/check_wheel.py dist

# An editable install for work on the package.
dev: $(BIN)/python
	$(BIN)/python -m pip install -q maturin scipy-openblas32
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m pip install -q --no-build-isolation -e '.[lint,notebook,bench]'

clean:
	rm -rf $(VENV) target results dist
