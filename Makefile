PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LOCKER := build/locker
PEERS := build/bench-venv
DBT := build/dbt-venv
BI := build/bi-venv
BI_PYTHON ?= $(PYTHON)

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types floor ui bi readers-check docs bench bench-quick bench-routing lock clean test-faults

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED) ## the virtual environment, from the lock

# The stamp goes first and comes last: without it an installation was interrupted, and is made anew.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("Doorstep needs Python 3.11, 3.12 or 3.13, not " + sys.version.split()[0] + "; say which: make PYTHON=python3.12")'
	@if [ -e $@ ]; then rm $@; else echo "Making $(VENV)"; $(PYTHON) -m venv --clear $(VENV); fi
	@echo "Installing the locked packages; the first time takes a minute or two"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install ## play one simulated delivery day through the real parts and print its KPIs
	@$(BIN)/doorstep demo

# File by file in the order of their names: what plays whole days comes early and the many short files last, so
# that both processes end together. By itself pytest-xdist keeps the files of few tests, the longest, for the end.
test: install lint types floor ## everything that must hold
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-faults: install ## half a million events while worker, landing and broker are killed; ten minutes
	@$(BIN)/python -m pytest tests/faults --long -s

lint: install ## style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: install ## types, strictly
	@$(BIN)/mypy

floor: install ## imports point down
	@$(BIN)/lint-imports

ui: install ## the Dagster UI
	@$(BIN)/doorstep ui

bi: install $(BI)/.installed ## Apache Superset over the published KPIs
	@$(BIN)/doorstep bi --environment $(BI)

# Superset wants older versions of what we have, so it stands beside us.
$(BI)/.installed: deploy/bi/requirements.lock
	@$(BI_PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 13) or sys.exit("Superset needs Python 3.11 or 3.12, not " + sys.version.split()[0] + "; say which: make bi BI_PYTHON=python3.12")'
	@echo "Making $(BI), 900 MB; it takes a minute or two"
	@$(BI_PYTHON) -m venv --clear $(BI)
	@$(BI)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/bi/requirements.lock
	@touch $@

readers-check: install ## the published file, read by other versions of DuckDB, by SQLAlchemy and by ADBC
	@$(BIN)/python -m pytest tests/readers --environments -rA

docs: install ## write the generated pages and JSON Schemas anew
	@$(BIN)/python -m pipelines.documentation

bench: install $(PEERS)/.installed $(DBT)/.installed ## measure streams, landing and warehouse beside their peers, and write the page of figures
	@$(BIN)/doorstep bench streams --json docs/performance.json
	@$(BIN)/doorstep bench landing --json docs/performance.json
	@$(BIN)/doorstep bench warehouse --json docs/performance.json
	@$(BIN)/python -m pipelines.documentation

bench-quick: install $(PEERS)/.installed $(DBT)/.installed ## the same on little, in some minutes; writes nothing
	@$(BIN)/doorstep bench streams --events 200000
	@$(BIN)/doorstep bench landing --rows 200000
	@$(BIN)/doorstep bench warehouse --fixes 200000 --days 3

bench-routing: install $(PEERS)/.installed ## measure planning and re-planning: make bench-routing DATA=FOLDER; 50 minutes
	@$(if $(DATA),,$(error say where the instances are: make bench-routing DATA=FOLDER))
	@$(BIN)/doorstep bench routing --data "$(DATA)" --set solomon --most 14 --json docs/performance.json
	@$(BIN)/doorstep bench routing --data "$(DATA)" --set li-lim --most 8 --seconds 10 --json docs/performance.json
	@$(BIN)/doorstep bench routing --data "$(DATA)" --set homberger --set ortec --most 3 --seconds 60 \
		--only Doorstep --only PyVRP --json docs/performance.json
	@$(BIN)/doorstep bench replan --json docs/performance.json
	@$(BIN)/doorstep bench replan --vehicles 50 --stops 1000 --days 1 --cases 20 --compare 0 --plan-seconds 60 \
		--json docs/performance.json
	@$(BIN)/doorstep bench day --json docs/performance.json
	@$(BIN)/doorstep bench offers --json docs/performance.json
	@$(BIN)/python -m pipelines.documentation

# Quix Streams and Bytewax beside us, not among us: they want other versions of what we have.
$(PEERS)/.installed: pyproject.toml
	@echo "Making $(PEERS)"
	@$(PYTHON) -m venv --clear $(PEERS)
	@$(BIN)/python -m pipelines.bench.peers.requirements pyproject.toml bench > $(PEERS)/requirements.txt
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r $(PEERS)/requirements.txt
	@touch $@

$(DBT)/.installed: pyproject.toml
	@echo "Making $(DBT)"
	@$(PYTHON) -m venv --clear $(DBT)
	@$(BIN)/python -m pipelines.bench.peers.requirements pyproject.toml dbt > $(DBT)/requirements.txt
	@$(DBT)/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r $(DBT)/requirements.txt
	@touch $@

lock: install ## resolve Python's packages and Kafka's jars anew (needs the network)
	@$(PYTHON) -m venv --clear $(LOCKER)
	@$(LOCKER)/bin/python -m pip install --quiet --disable-pip-version-check uv
	@$(LOCKER)/bin/uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-annotate --no-strip-extras -o requirements.lock
	@$(LOCKER)/bin/uv pip compile --quiet deploy/bi/requirements.in --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-annotate --no-strip-extras -o deploy/bi/requirements.lock
	@$(BIN)/python -m pipelines.broker.relock
	@rm -r $(LOCKER)

clean: ## remove the virtual environment and all caches; var/ stays
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
