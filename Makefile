# The course's commands; `make` alone lists them. `make setup` is the shared part of all.
# ARGS passes options through: make lab ARGS="--no-browser --port 9000"

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
ARGS ?=
WITH := .[lab]
# Two busy torch processes on two cores slow each other many times over, so tests that run side by side take one thread each.
# Their hundred processes keep what they compiled of the course, also where the environment says that none should.
SIDE_BY_SIDE := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=
FOREIGN_CPU := $(SIDE_BY_SIDE) ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41
# `-n auto` takes every core there is (tests/conftest.py); a file's tests stay together, since they share what was made first.
PYTEST := $(RUN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder
NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=300 --nbval-kernel-startup-timeout=120

.PHONY: help setup extras lab test test-thorough nbval nbval-foreign build check book mutants bench constraints clean
.DEFAULT_GOAL := help

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

setup: ## install the course into .venv (lab and test do it by themselves)
	@command -v $(PYTHON) >/dev/null || { \
		echo "No '$(PYTHON)' was found: install Python 3.11 or newer, or name one with make PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) course/bootstrap.py $(VENV) '$(WITH)'

extras:
	@$(MAKE) --no-print-directory setup WITH='.[lab,test,dask,book]'

lab: setup ## open JupyterLab on the lessons
	@$(RUN)/course lab $(ARGS)

test: extras ## run the tests, and every solution against its stored outputs
	$(SIDE_BY_SIDE) $(PYTEST) $(NBVAL) tests solutions $(ARGS)

test-thorough: extras ## run what test leaves out or does in part: every slider, 10 random streams, whole releases
	$(SIDE_BY_SIDE) $(PYTEST) tests --thorough -m thorough $(ARGS)

nbval: extras ## run every solution against its stored outputs
	$(SIDE_BY_SIDE) $(PYTEST) $(NBVAL) solutions $(ARGS)

nbval-foreign: extras ## the same as on an older CPU: outputs that depend on one show here
	$(FOREIGN_CPU) $(PYTEST) $(NBVAL) solutions $(ARGS)

build: extras ## write solutions/ and notebooks/ from lessons/ and helpers/
	@$(RUN)/course build $(ARGS)

check: extras ## tell whether solutions/ and notebooks/ are what the lessons build
	@$(RUN)/course check $(ARGS)

book: extras ## make a web site of the lessons in book/; ARGS=--for-class leaves the solutions out
	@$(RUN)/course book $(ARGS)

mutants: extras ## try every wrong and right answer of tests/mutants/ on the lessons' checks
	@$(SIDE_BY_SIDE) $(RUN)/course mutants $(ARGS)

bench: extras ## measure the helpers against their peers
	@for script in benchmarks/*.py; do \
		grep -q '__main__' $$script || continue; $(RUN)/python $$script $(ARGS) || exit 1; done

constraints: ## choose the versions in constraints.txt anew, with uv: ARGS="--upgrade-package torch" takes the newest torch
	uv pip compile -q pyproject.toml --all-extras --universal --python-version 3.11 --no-annotate \
		--custom-compile-command "make constraints" -o constraints.txt $(ARGS)
	@sed -i.old -E '/^(cuda|nvidia|setuptools|triton)/d' constraints.txt && rm constraints.txt.old  # each build of torch has its own

clean: ## remove .venv; your notebooks in work/ stay
	rm -rf $(VENV)
