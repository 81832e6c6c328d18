# Two commands for a newcomer: `make demo` and `make test`. Both install what they need.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
# Threads of torch and OpenMP that wait by spinning slow small networks down many times.
export OMP_NUM_THREADS ?= 2
export OMP_WAIT_POLICY ?= PASSIVE

VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-gpu lint model score clean

demo: $(VENV)/.live
	$(BIN)/fes-live --camera synthetic

test: $(VENV)/.dev lint
	OMP_NUM_THREADS=1 $(BIN)/pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test-gpu: $(VENV)/.dev
	$(BIN)/pytest -m gpu

# Trains the default model from nothing: simulated windows, then rendered faces.
model: $(VENV)/.dev
	$(BIN)/python -m offline.recipes.default_model

# Events of the labelled clips against their labels, and false alarms on the others.
score: $(VENV)/.dev
	$(BIN)/python -m benchmarks.score_clips

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.live: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -c constraints.txt torch
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[offline,dev]'
	touch $@ $(VENV)/.live

clean:
	rm -rf $(VENV) build dist
