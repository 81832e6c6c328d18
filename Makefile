# Two commands for a newcomer: `make demo` and `make test`. Both install what they need.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
# Threads of torch and OpenMP that wait by spinning slow small networks down many times.
export OMP_NUM_THREADS ?= 2
export OMP_WAIT_POLICY ?= PASSIVE

VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-gpu lint bench model detection score clean

demo: $(VENV)/.live
	$(BIN)/fes-live --camera synthetic

test: $(VENV)/.dev lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test-gpu: $(VENV)/.dev
	$(BIN)/pytest -m gpu

# Makes the default model anew: rendered faces and simulated windows, a large network and a small one
# that learns from it; about two hours on two cores.
# Three portraits are left out for testing; without the folder the bundled portrait is rendered.
STILLS := ../shared/media/stills
TRAINED_ON := sfhq_1x2_00,sfhq_2x4_00,sfhq_2x4_02,sfhq_2x4_04,sfhq_2x4_05,sfhq_3x6_03,sfhq_3x6_05,sfhq_3x6_07
TESTED_ON := sfhq_2x4_01,sfhq_3x6_00,sfhq_3x6_06

model: $(VENV)/.dev
	$(BIN)/fes-offline synth --out data/train --videos 16 --seconds 35 --seed 11 --fps mixed \
	  --motion lively --workers 2 $(if $(wildcard $(STILLS)),--portraits $(STILLS) --only $(TRAINED_ON))
	$(BIN)/fes-offline extract data/train --out data/features
	$(BIN)/fes-offline train --preset spotformer-default --seed 1 --threads 2 \
	  --data simulated=0.75,data/features=0.25 --out runs/first
	$(BIN)/fes-offline train --preset spotformer-default --seed 2 --threads 2 \
	  --start-from runs/first --set training.epochs=6 --set training.learning_rate=1.5e-3 \
	  --data simulated=0.6,data/features=0.4 --out runs/teacher
	$(BIN)/fes-offline train --preset spotformer-small --seed 3 --threads 2 \
	  --start-from runs/teacher --teacher runs/teacher \
	  --data simulated=0.6,data/features=0.4 --out runs/default
	$(BIN)/fes-offline export runs/default --out engines/models/spotformer.onnx \
	  --name spotformer-default --version 2.1.0 --decoder offline/presets/decoders/default.toml --metrics docs/metrics.json

# Recall over displacement, on rendered faces of people who were not trained on.
detection: $(VENV)/.dev
	$(BIN)/fes-offline synth --out data/test --videos 6 --seconds 40 --seed 77 --fps mixed \
	  --workers 2 $(if $(wildcard $(STILLS)),--portraits $(STILLS) --only $(TESTED_ON))
	$(BIN)/python -m benchmarks.detection_curve data/test --picture docs/detection.png

# The flow beside OpenCV's, what head motion leaves of it, and the model in every form that a
# processor can run: time, error, agreement, F1. Then the evaluator and the extraction.
bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks.cpu_table
	$(BIN)/fes-engine benchmark
	$(BIN)/python -m benchmarks.flow_table
	$(BIN)/python -m benchmarks.head_motion
	$(BIN)/python -m benchmarks.evaluator_speed
	$(BIN)/python -m benchmarks.extraction_speed --minutes 1

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
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[offline,dev,tensorrt-rtx,cluster,lsl,export]'
	touch $@ $(VENV)/.live

$(VENV)/.bench: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[bench]'
	touch $@

clean:
	rm -rf $(VENV) build dist
