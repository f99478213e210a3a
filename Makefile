# Needs Python 3 and make. Everything else, uv included, is fetched into this folder.

UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
BIN := .venv/bin

# uv takes an interpreter that is there before it downloads one: the preferred version, then any that will do.
PYTHON_PREFERRED := $(shell cat .python-version)
PYTHON_ACCEPTED := >=3.12
SYNC = $(UV) sync --quiet --frozen --python "$$( \
	$(UV) python find --quiet --system --no-python-downloads $(PYTHON_PREFERRED) 2>/dev/null || \
	$(UV) python find --quiet --system --no-python-downloads '$(PYTHON_ACCEPTED)' 2>/dev/null || \
	echo $(PYTHON_PREFERRED))"

.DEFAULT_GOAL := help
.PHONY: help demo chat test lint types bench clean

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

demo: $(BIN)/.ready ## watch a character answer, remember, forget and be rebuilt; no keys needed
	@$(BIN)/tzurot demo

chat: $(BIN)/.ready ## talk to a character in this terminal
	@$(BIN)/tzurot chat

bench: $(BIN)/.ready ## measure this machine against the baselines
	@$(BIN)/tzurot bench all

test: $(BIN)/.ready-for-work ## run every test (ARGS=... goes to pytest)
	@$(BIN)/pytest -q $(ARGS)

lint: $(BIN)/.ready-for-work ## check style and the import contracts
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/lint-imports --no-logo

types: $(BIN)/.ready-for-work ## check types
	@$(BIN)/mypy

clean: ## remove what was fetched and made here; conversations are elsewhere and stay
	@rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist

# One stamp per set of dependencies. The smaller set is put beside the larger one, never in place of it.
$(BIN)/.ready: pyproject.toml uv.lock .python-version | $(UV)
	@echo "Installing into .venv"
	@$(SYNC) --no-dev --inexact
	@touch $@

$(BIN)/.ready-for-work: pyproject.toml uv.lock .python-version | $(UV)
	@echo "Installing into .venv, with what development needs"
	@$(SYNC)
	@touch $(BIN)/.ready $@

# Some systems ship Python without venv, some without pip: either will do.
.uv/bin/uv:
	@command -v python3 >/dev/null || { echo "Python 3 is needed, and there is no python3 here." >&2; exit 1; }
	@echo "Fetching uv into .uv"
	@rm -rf .uv
	@{ python3 -m venv .uv && .uv/bin/python -m pip install --quiet --disable-pip-version-check uv; } >/dev/null 2>&1 \
	|| { rm -rf .uv && python3 -m pip install --quiet --disable-pip-version-check --target .uv uv; } \
	|| { rm -rf .uv; echo "uv could not be fetched: this Python has neither a working venv nor pip, or no package" \
	"index can be reached. Install one of them (on Debian: apt install python3-venv), or uv itself." >&2; exit 1; }
