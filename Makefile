# make run · make test · make help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
export PYTHONUNBUFFERED := 1

# The first Python of 3.11 or newer that really runs; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v $$p; break; }; done)
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run reset-demo test check lint fmt messages services bench lock clean prepare prepare-dev python

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: prepare ## start everything on this machine; Ctrl-C stops it (PORT=8000 DATA_DIR=data)
	@EMBEDDED=1 exec $(PY) manage.py run

reset-demo: prepare ## remove the demo data and make it anew; everything else stays
	@EMBEDDED=1 $(PY) manage.py seed_demo --remove
	@EMBEDDED=1 $(PY) manage.py seed_demo

test: prepare-dev ## the whole suite, on SQLite and again on real PostgreSQL, Redis and Celery (ARGS='--only sqlite tests/clients')
	@exec $(PY) -m tests $(ARGS)

check: test ## what CI runs

lint: prepare-dev ## look for mistakes and unformatted files
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

fmt: prepare-dev ## format, and mend what can be mended
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

messages: prepare-dev ## bring the German words and the French and Spanish ones for clients up to date, and compile them
	@$(PY) tools/messages.py

services: prepare-dev ## throw-away PostgreSQL and Redis for development; Ctrl-C removes them
	@exec $(PY) -m tests.services

bench: prepare-dev ## how fast the pages are, against a trivial one (SCALE=286, PROMISES=1000000, DATABASE=postgres)
	@$(PY) -m bench

lock: prepare-dev ## pin the newest versions the .in files allow
	@for name in requirements requirements-dev requirements-tools; do \
		.venv/bin/uv pip compile -q --upgrade --universal --generate-hashes --python-version 3.11 $$name.in -o $$name.txt || exit 1; done

clean: ## remove the virtual environment and caches; data stays
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis staticfiles test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Partnership CRM: Python 3.11 or newer is needed and none was found (on Debian and Ubuntu: apt install python3)." >&2; exit 1; fi

prepare: python
	@"$(PYTHON)" tools/prepare.py

prepare-dev: python
	@"$(PYTHON)" tools/prepare.py --dev
