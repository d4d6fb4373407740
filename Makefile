# Everything a person does with a checkout. Each target sets up what it needs, once.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo dev test check bench clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
# Two test processes: each has a PostgreSQL of its own.
TEST_PROCESSES ?= 2
PYTEST_ARGS ?=

help:
	@echo "make setup   create .venv with everything in it"
	@echo "make demo    the whole product without a token, on an invented GitHub"
	@echo "make dev     the Dagster UI with schedule and sensors, and the dashboard (needs GITHUB_TOKEN)"
	@echo "make test    checks and the whole test suite, with coverage"
	@echo "make check   linters, types, import rules"
	@echo "make bench   every benchmark"
	@echo "make clean   stop the embedded server, remove .venv and caches; data and .env stay"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml deploy/trender_dagster.pth
	@python=""; \
	for name in $(PYTHON) python3.12 python3.11 python3.13 python3.14 python3; do \
	  if command -v $$name >/dev/null 2>&1 && \
	     $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; then \
	    python=$$name; break; \
	  fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Trender needs Python 3.11 to 3.14; none was found (set PYTHON=/path/to/python3)." >&2; exit 3; \
	fi; \
	echo "Setting up $(VENV) with $$($$python --version)."; \
	[ -x $(BIN)/python ] || $$python -m venv $(VENV) || { \
	  rm -rf $(VENV); echo "$$python can't make a venv; on Debian: apt-get install python3-venv" >&2; exit 3; }
	@total=$$(grep -c '^[a-z0-9].*==' requirements.lock); \
	echo "Installing $$total packages; a minute or two."; \
	{ PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -u -m pip install --progress-bar off \
	    --require-hashes --no-deps -r requirements.lock; echo $$? > $(VENV)/.pip-exit; } | \
	awk -v total="$$total" \
	  '/^Collecting/ { if (++n % 20 == 0) { print "  " n " of " total " found"; fflush() } } \
	   /^Installing collected/ { print "  all " total " found; unpacking them"; fflush() } \
	   /^Successfully/ { print "  done" }'; \
	exit "$$(cat $(VENV)/.pip-exit)"
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@# `dagster asset …` and `dagster job …` parse their options before they read .env, so this
	@# environment tells them the code location itself.
	@cp deploy/trender_dagster.pth "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	@touch $(STAMP)

demo: setup
	@$(BIN)/trender demo

dev: setup
	@$(BIN)/trender dev

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.lint_sql

test: check
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

bench: setup
	@for benchmark in benchmarks/bench_*.py; do \
	  [ -e "$$benchmark" ] || continue; \
	  echo "== $$benchmark"; $(BIN)/python "$$benchmark" || exit $$?; \
	done

clean:
	@[ ! -x $(BIN)/trender ] || $(BIN)/trender db stop || true
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage* htmlcov
	rm -rf trender_dbt/target trender_dbt/logs .tmp_dagster_home_*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Kept: .trender (the embedded server's data) and .env; remove them by hand to start over."
