# Every target prepares what it needs; nothing but Python >= 3.11 and make is assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CORE := $(VENV)/.core
PROJECT := $(VENV)/.project
DEV := $(VENV)/.dev
PEERS := $(VENV)/.peers
PACKAGES := bot commands domain integrations jobs prompts storage web
LOCK := uv pip compile --quiet --universal -p 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml --group build

.PHONY: setup dev demo test check types style contracts coverage eval bench faults lock clean

setup: $(PROJECT)

dev: $(DEV) $(PEERS)

demo: $(PROJECT)
	$(BIN)/tocsin demo

test: $(DEV) $(PEERS)
	$(BIN)/python -m pytest -n 2 --dist worksteal

# One core is busy with types for as long as the other is with the rest.
check: $(DEV)
	$(MAKE) --jobs 2 --output-sync types style contracts

types: $(DEV)
	$(BIN)/mypy

style: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m bot.cli.generate --check

contracts: $(DEV)
	$(BIN)/python -m pytest tests/contracts

coverage: $(DEV) $(PEERS)
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --include='domain/*' --fail-under=100

eval: $(DEV)
	$(BIN)/tocsin eval recorded --data ../shared/data

bench: $(DEV) $(PEERS)
	$(BIN)/tocsin bench

faults: $(DEV) $(PEERS)
	$(BIN)/python -m pytest -m faults

# For maintainers: needs uv on the PATH.
lock:
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tocsin needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "on Debian: apt-get install python3-venv"; exit 1; }

$(CORE): requirements.lock | $(BIN)/python
	$(PIP) install --no-deps --require-hashes -r requirements.lock
	touch $@

$(PROJECT): pyproject.toml $(CORE)
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(DEV): requirements-dev.lock $(CORE) | $(PROJECT)
	$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	touch $@

# Chat servers for the tests; without npm those tests are skipped by name.
$(PEERS): tests/peers/package-lock.json | $(BIN)/python
	! command -v npm >/dev/null || npm ci --prefix tests/peers --no-audit --no-fund --loglevel=error
	touch $@
