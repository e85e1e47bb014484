# animap: `make film` renders the film, `make test` runs every check. Both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
FILM ?=
OUT ?= output
BENCH ?=

.DEFAULT_GOAL := help
.PHONY: help setup film sheet test lint format types architecture unit gallery bench wheel clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: $(READY) ## Make a virtual environment with pinned packages

$(READY): pyproject.toml constraints.txt hatch_build.py $(wildcard src/animap/c/*)
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "animap needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

film: $(READY) ## Render the film: output/liberation.mp4 and output/liberation.gif
	$(BIN)/animap render $(FILM) --force

sheet: $(READY) ## Render a contact sheet: output/sheet.png
	$(BIN)/animap sheet $(FILM) -o $(OUT)/sheet.png --force

test: lint types architecture unit ## Run every check that CI runs

lint: $(READY) ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY) ## Check types
	$(BIN)/mypy

architecture: $(READY) ## Check that imports point down only
	$(BIN)/lint-imports

unit: $(READY) ## Run the tests
	$(BIN)/python -m pytest -n auto

gallery: $(READY) ## Render the pictures of docs/
	$(BIN)/python docs/make_gallery.py

bench: $(READY) ## Measure against the encoder alone, FuncAnimation, GMT, gifski: benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks $(BENCH)

wheel: $(READY) ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## Remove what was built and rendered, but keep the environment
	rm -rf dist build output/* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
