# The only list of tasks. `make` alone prints it.
#
# Every path is relative and every tool is started as a module of the environment's own Python, so the checkout may
# stand in a folder with spaces in its name and no script with a recorded path is ever needed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first Python 3.11 or newer of these two; give another as `make setup PYTHON=...`.
PYTHON ?= $(shell for each in python3.11 python3; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
READY := .venv/ready

# Tests that touch no clock, disk or process: the quick profile of `make check` runs these and the house tests.
PURE := $(wildcard tests/house tests/domain tests/expressions tests/machine tests/steps tests/definition)
# Tests run in this many processes; `make test JOBS=0` runs them in one.
JOBS ?= auto
PYTEST := $(PY) -m pytest -n $(JOBS)
SOURCES := $(wildcard src tests benchmarks)
# A room with generated pages writes them itself, given its folder in the docs.
PAGES := $(patsubst src/ferryman/%/pages.py,%,$(sort $(wildcard src/ferryman/*/pages.py)))

# A lock says what, never from where: no registry's name is written into it.
LOCKED := --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

.PHONY: help setup check test soak types format docs bench demo lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## make the environment in .venv from the lock file

# Redone only when the lock changes. Every package is checked against its hash; the product itself is linked, not copied.
$(READY): requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make setup PYTHON=..." >&2; exit 1; }
	@test -x $(PY) || "$(PYTHON)" -m venv .venv
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

check: $(READY) ## format, lint, types, house tests, quick profile of the pure tests
	@$(PY) -m ruff format --check --quiet $(SOURCES)
	@$(PY) -m ruff check --quiet $(SOURCES)
	@$(PY) -m mypy --no-error-summary
	@FERRYMAN_PROFILE=quick $(PYTEST) -q $(PURE)

test: $(READY) ## every test
	@$(PYTEST) -q

soak: $(READY) ## every test, and each proof in its full count
	@FERRYMAN_PROFILE=soak $(PYTEST) -q -m "soak or not soak"

types: $(READY) ## strict types alone
	@$(PY) -m mypy

format: $(READY) ## put the source into its form
	@$(PY) -m ruff format $(SOURCES)
	@$(PY) -m ruff check --fix $(SOURCES)

docs: $(READY) ## write every generated page anew
	@for room in $(PAGES); do $(PY) -m "ferryman.$$room.pages" "docs/$$room" || exit 1; done
	@$(PY) -m tests.machine.coverage_page

bench: $(READY) ## measure; nothing is asserted
	@for script in benchmarks/[a-z]*.py; do echo "$$script"; $(PY) "$$script" || exit 1; done

demo: $(READY) ## start a server, release the shop through it twice: once well, once put back; the result stays in demo/
	@sh examples/demo.sh $(PY)

lock: $(READY) ## resolve the dependencies anew and pin each by its hash
	@CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m piptools compile --quiet --upgrade --extra dev --allow-unsafe $(LOCKED) \
		--output-file requirements/dev.txt pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m piptools compile --quiet --constraint requirements/dev.txt $(LOCKED) \
		--output-file requirements/product.txt pyproject.toml

clean: ## remove everything that is made
	@rm -rf demo .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist .coverage*
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
