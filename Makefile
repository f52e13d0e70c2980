# The gate's commands for people. Pipelines call pytest (see README.md) and read its exit status.
#
#   make gate ENV=staging SUITES=smoke ARGS="--slot=green"

ENV    ?= local
SUITES ?=
FAULT  ?=
ARGS   ?=
PYTHON ?= python3

BIN    := .venv/bin
WANTED := $(if $(SUITES),$(SUITES:%=suites/%),suites)

# Without compiled files every start compiles the gate and its libraries again: 3 times the time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help gate test proof proof-full kills mutants fail-closed bench standin doctor check-config catalogue lint lock clean

help: ## what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

gate: .venv/ready ## judge a deployment: ENV=local SUITES="smoke" FAULT=name ARGS="…"
	@echo "gate: judging $(ENV) by $(or $(SUITES),all suites)$(if $(FAULT), with the fault $(FAULT))"
	@$(BIN)/pytest --env=$(ENV) $(if $(FAULT),--fault=$(FAULT)) $(WANTED) $(ARGS)

test: .venv/ready lint ## pass the tests of the gate itself: ARGS="…"
	@echo "tests: the gate and its stand-in on trial, against real servers; several at once, since they mostly wait"
	@$(BIN)/pytest -W error -q -n 3 --dist worksteal $(ARGS) tests

proof: .venv/ready ## see each check turn red: every fault against its subjects; writes suites/proof.lock, docs/proof.md
	@$(BIN)/python -m tests.proof $(FAULT) $(ARGS)

proof-full: .venv/ready ## the same, every fault against every suite
	@$(BIN)/python -m tests.proof --full $(FAULT) $(ARGS)

kills: .venv/ready ## end 300 gates by force and look at what they leave: ARGS="--number 300"
	@$(BIN)/python -m tests.kills $(ARGS)

mutants: .venv/ready ## make the gate lie in each of a hundred small ways, and have its tests notice: ARGS="NAME… --jobs 2"
	@$(BIN)/python -m tests.mutants $(ARGS)

fail-closed: .venv/ready ## write docs/fail-closed.md: every way to be green for nothing, in plain pytest and here
	@$(BIN)/python -m tests.fail_closed

standin: .venv/ready ## keep an embedded MS5 up and print its addresses and accounts: FAULT=name
	@$(BIN)/python -m environments.standin $(if $(FAULT),--fault=$(FAULT)) $(ARGS)

doctor: .venv/ready ## is everything in place to judge ENV=…? names, secrets, grants, clock, addresses
	@$(BIN)/pytest --env=$(ENV) --doctor $(ARGS); status=$$?; test $$status -eq 12

check-config: .venv/ready ## is the file of ENV=… right? nothing is looked at
	@$(BIN)/pytest --env=$(ENV) --check-config $(ARGS); status=$$?; test $$status -eq 12

catalogue: .venv/ready ## write suites/catalogue.lock from the suites as they are
	@$(BIN)/pytest --env=local --write-catalogue suites -q; status=$$?; test $$status -eq 12

bench: .venv/ready ## measure the gate against others on a quiet machine, and write docs/benchmarks.md (ten minutes)
	@echo "bench: pytest, threads, curl and k6 in rotation; keep the machine quiet for ten minutes"
	@$(BIN)/python -m tests.benchmarks --out docs/benchmarks.md $(ARGS)

lint: .venv/ready ## ruff and mypy
	@echo "lint: ruff, mypy"
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy

lock: .venv/ready ## write requirements.lock from pyproject.toml
	@$(BIN)/uv lock --quiet
	@$(BIN)/uv export --quiet --format requirements-txt --all-extras --no-emit-project --no-annotate --no-header -o requirements.lock

# Made once, and again when the lock changes. uv comes by pip, from the lock with its hashes, where it is not there.
.venv/ready: requirements.lock
	@echo "set-up: .venv from requirements.lock (once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "set-up: Python 3.11 or later is needed; name it with PYTHON=…")'
	@if command -v uv >/dev/null; then uv venv --quiet --allow-existing --python $(PYTHON) .venv; \
	 else $(PYTHON) -m venv .venv && sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.lock \
	 && $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock; fi
	@$$(command -v uv || echo $(BIN)/uv) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@touch $@

clean: ## remove what these commands made
	rm -rf .venv .cache .mypy_cache .ruff_cache .hypothesis reports/out
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
