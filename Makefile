# Works on a machine with only python3 (3.11 or newer), pip and make.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: plan app test soak lint bench bench-forecast data clean

plan: .venv/core.done ## set up, then plan the sample's December 2026 into out/
	$(BIN)/staffcast plan data/plan.toml --out out

app: .venv/app.done ## set up, then show the sample's what-if page in the browser
	$(BIN)/staffcast app data/plan.toml

test: .venv/dev.done ## set up, then run the tests, on up to four processors
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

soak: .venv/dev.done ## set up, then the long versions of tests: faults, fuzz, races (three quarters of an hour)
	$(BIN)/python -m pytest tests -m soak

lint: .venv/dev.done ## set up, then style, types and import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev.done ## set up, then measure speed against a peer
	$(BIN)/python -m pytest tests/bench -m bench -s

bench-forecast: .venv/dev.done ## set up, then score forecasts of real centres into the README
	$(BIN)/python tests/real/bench_forecast.py

data: .venv/core.done ## write the sample data again (seeded: the same bytes)
	$(BIN)/python data/make.py
	$(BIN)/python data/make_team.py

clean:
	rm -rf .venv out

# venv without pip: the system's pip installs into it, so no ensurepip is needed.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "staffcast needs Python 3.11 or newer; this is $$($(PYTHON) --version). Name another: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv --without-pip .venv

.venv/core.done: .venv/bin/python pyproject.toml constraints.txt
	@echo "Setting up .venv (a minute or two, once) ..." >&2
	$(PIP) hatchling editables
	$(PIP) --no-build-isolation --editable .
	@touch $@

.venv/app.done: .venv/core.done
	$(PIP) --no-build-isolation --editable '.[app]'
	@touch $@

.venv/dev.done: .venv/core.done
	$(PIP) --no-build-isolation --editable '.[test,lint]'
	@touch $@
