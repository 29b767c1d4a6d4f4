# Each of `make demo` and `make test` is enough alone: whatever is missing is installed first.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
TOOLS := $(VENV)/installed
# Refuses to touch any Python but the one in .venv.
INSTALL := $(PY) -m pip --require-virtualenv install -qq
WHEEL := web/dist/anchor_session.whl
RUNTIMES := web/node_modules/.package-lock.json
PEERS := e2e/bench/peers
SOURCES := $(shell find anchor_session -name '*.py' -o -name '*.pyi' -o -name '*.js' -o -name py.typed) $(wildcard README.md)

# What `make test` runs, in this order.
PARTS := lint types unit javascript pyodide e2e

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test test-all lint types unit javascript pyodide e2e browser redis bench strength ways records screenshot wheel format clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(WHEEL) $(RUNTIMES) ## Serve the demo; PORT=8000 or the next free one
	@$(PY) -m web.serve --port $(PORT)

test: $(TOOLS) $(RUNTIMES) $(WHEEL) build/wheels build/peers.js browser redis ## Run every check and every test, and say how long each part took
	@took=; for part in $(PARTS); do \
		begun=$$(date +%s); \
		$(MAKE) --no-print-directory $$part || exit 1; \
		took="$$took$$(printf '%-10s %5s s' $$part $$(($$(date +%s) - begun)))\n"; \
	done; printf "== how long it took\n$$took"

test-all: export ANCHOR_TESTS = all
test-all: test ## The same with many more random programs and killed processes

lint: $(TOOLS) ## Check style, format and who imports whom
	@echo "== ruff"
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@echo "== import-linter"
	@$(VENV)/bin/lint-imports --no-cache --no-logo

format: $(TOOLS) ## Rewrite the sources in the format that lint wants
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

types: $(TOOLS) ## Check types
	@echo "== mypy --strict"
	@$(PY) -m mypy

unit: $(TOOLS) redis ## Run tests/ on this Python; ARGS goes to pytest
	@echo "== tests/ on CPython"
	@$(PY) -m pytest tests -n 2 --dist loadfile $(ARGS)

javascript: $(RUNTIMES) ## Run tests/javascript/ on Node
	@echo "== tests/javascript/ on Node"
	@PATH="$$PATH:$(CURDIR)/$(VENV)/bin" node --test --test-reporter=dot $(wildcard tests/javascript/*.mjs)

pyodide: $(WHEEL) $(RUNTIMES) build/wheels browser ## Run what is marked `both` in tests/ inside Pyodide; ARGS goes to pytest
	@echo "== tests/ inside Pyodide in Chromium"
	@$(PY) -m e2e.in_pyodide $(ARGS)

e2e: $(WHEEL) $(RUNTIMES) build/peers.js browser ## Run e2e/ in Chromium; ARGS goes to pytest
	@echo "== e2e/ in Chromium"
	@$(PY) -m pytest e2e -n 2 --dist loadfile --minutes $(ARGS)

bench: $(WHEEL) $(RUNTIMES) build/peers.js build/bench browser ## Measure beside other libraries into docs/benchmarks.md; ARGS=--quick
	@$(PY) -m e2e.bench $(ARGS)

strength: $(TOOLS) ## Break the package on purpose and see which tests notice; ARGS goes to it
	@$(INSTALL) --group strength
	@$(PY) -m tests.strength $(ARGS)

ways: $(TOOLS) ## Count the calls of what a program does; ARGS=--calls lists them
	@$(PY) -m tests.ways $(ARGS)

records: $(TOOLS) redis ## Measure the record stores into docs/records.md; ARGS=--quick
	@$(INSTALL) --group stores
	@$(PY) -m e2e.bench.records $(ARGS)

screenshot: $(WHEEL) $(RUNTIMES) browser ## Photograph the demo into docs/images
	@$(PY) -m docs.screenshot

browser: $(TOOLS) ## Find a Chromium, or install one
	@$(PY) -m e2e.browser

redis: $(TOOLS) ## Find a redis-server, or install one
	@$(PY) -m tests.cpython.redis_server

wheel: $(WHEEL) ## Build the wheels, and the one that pages load

clean: ## Remove everything that was built or installed here
	rm -rf $(VENV) build dist web/dist web/node_modules $(PEERS)/node_modules test-results
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(TOOLS): pyproject.toml
	@echo "Installing the development tools into $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@{ test -f $(VENV)/pyvenv.cfg && $(PY) -m pip --version > /dev/null 2>&1; } || \
		$(PYTHON) -m venv --clear $(VENV) || \
		{ echo "python -m venv failed; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(INSTALL) --upgrade "pip>=25.1"
	@$(INSTALL) --group dev --editable .
	@touch $@

$(RUNTIMES): web/package.json web/package-lock.json | $(TOOLS)
	@echo "Getting PyScript, Pyodide and MicroPython from npm"
	@command -v npm > /dev/null || $(INSTALL) --group node
	@cd web && PATH="$$PATH:$(CURDIR)/$(VENV)/bin" npm ci --loglevel=error > /dev/null
	@touch $@

$(PEERS)/node_modules/.package-lock.json: $(PEERS)/package.json $(PEERS)/package-lock.json | $(TOOLS)
	@echo "Getting the libraries of the benchmark from npm"
	@command -v npm > /dev/null || $(INSTALL) --group node
	@cd $(PEERS) && PATH="$$PATH:$(CURDIR)/$(VENV)/bin" npm ci --loglevel=error > /dev/null
	@touch $@

build/peers.js: $(wildcard $(PEERS)/*.js) $(PEERS)/node_modules/.package-lock.json
	@mkdir -p build
	@cd $(PEERS) && PATH="$$PATH:$(CURDIR)/$(VENV)/bin" node bundle.js $(CURDIR)/$@

$(WHEEL): pyproject.toml LICENSE web/page_wheel.py $(SOURCES) | $(TOOLS)
	@echo "Building the wheel"
	@rm -rf web/dist
	@$(PY) -m hatchling build --target wheel --directory web/dist
	@$(PY) -m web.page_wheel web/dist

build/wheels: GROUP = suite
build/bench: GROUP = bench
build/wheels build/bench: pyproject.toml | $(TOOLS)
	@echo "Getting the wheels of the group $(GROUP) for Pyodide"
	@rm -rf $@
	@$(PY) -m pip download -qq --no-deps --dest $@ --group $(GROUP) --only-binary=:all: \
		--python-version 3.14 --implementation cp --abi cp314 --abi abi3 --abi none \
		--platform pyemscripten_2026_0_wasm32 --platform any
	@touch $@
