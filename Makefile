# Everything a developer types. `make run` and `make test` are enough on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: run test check prove bench format translations clean

run: .venv/.run  ## set up, create the demo company, serve pages and background work
	$(BIN)/python -m helpdesk demo

test: .venv/.dev  ## set up and run the tests, with the servers and the browser that are here
	$(BIN)/python -m tests

check: .venv/.dev  ## all that must hold before a commit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m helpdesk.translations --check
	$(BIN)/python -m tests.wheel
	$(MAKE) --no-print-directory test

prove: .venv/.dev  ## the long runs: 100,000 tickets, kills, fuzz
	$(BIN)/python -m pytest -m long --override-ini addopts=--import-mode=importlib --timeout 3600 -ra

bench: .venv/.dev  ## page costs beside a bare route, as ratios of one run
	$(BIN)/python -m tests.bench

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

translations: .venv/.dev  ## compile the catalogues that the product loads
	$(BIN)/python -m helpdesk.translations

clean:
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/.run: requirements.lock
	$(PYTHON) -m venv .venv
	$(PIP) -r requirements.lock
	touch $@

.venv/.dev: requirements-dev.lock requirements-data.lock
	$(PYTHON) -m venv .venv
	$(PIP) -r requirements-dev.lock
	$(PIP) --no-deps -r requirements-data.lock
	touch $@ .venv/.run
