# Needs Python 3 and make. Everything else, uv included, is fetched into this folder.

BIN := .venv/bin
UV_INSTALLED := $(shell command -v uv 2>/dev/null)
UV_NEEDED := $(if $(UV_INSTALLED),,.uv/bin/uv)
UV := "$(or $(UV_INSTALLED),$(CURDIR)/.uv/bin/uv)"

# An interpreter that is there is taken before one is downloaded: the preferred version, then any that will do.
# They are looked for from /, because pyenv's commands fail in a folder whose .python-version they do not have; and
# where pyenv keeps them, because its commands offer only the one that is selected.
PYTHON_PREFERRED := $(shell cat .python-version)
PYTHON_ACCEPTED := >=3.12
FIND_PYTHON = cd / && PATH="$$(printf '%s:' "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/*/bin)$$PATH" \
	$(UV) python find --system --no-python-downloads 2>/dev/null
SYNC = python="$$( { $(FIND_PYTHON) '$(PYTHON_PREFERRED)'; } || { $(FIND_PYTHON) '$(PYTHON_ACCEPTED)'; } )"; \
	$(UV) sync --quiet --frozen --python "$${python:-$(PYTHON_PREFERRED)}" $(1) \
	|| { echo "Installing failed (above). Tzurot needs Python 3.12 or later, and a package index." >&2; exit 1; }

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
	@$(BIN)/pytest --no-header $(ARGS)

lint: $(BIN)/.ready-for-work ## check style and the import contracts
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/lint-imports --no-logo

types: $(BIN)/.ready-for-work ## check types
	@$(BIN)/mypy

clean: ## remove what was fetched and made here; conversations are elsewhere and stay
	@rm -rf .venv .uv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist

# One stamp per set of dependencies. The smaller set is put beside the larger one, never in place of it.
$(BIN)/.ready: pyproject.toml uv.lock .python-version | $(UV_NEEDED)
	@echo "Installing into .venv"
	@$(call SYNC,--no-dev --inexact)
	@touch $@

$(BIN)/.ready-for-work: pyproject.toml uv.lock .python-version | $(UV_NEEDED)
	@echo "Installing into .venv, with what development needs"
	@$(call SYNC)
	@touch $(BIN)/.ready $@

# Some systems ship Python without venv, some without pip: either will do.
.uv/bin/uv:
	@command -v python3 >/dev/null || { echo "Python 3 is needed, and there is no python3 here." >&2; exit 1; }
	@echo "Fetching uv into .uv"
	@rm -rf .uv
	@uv="$(CURDIR)/.uv"; cd /; export PIP_QUIET=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore; \
	{ python3 -m venv "$$uv" && "$$uv/bin/python" -m pip install uv; } >/dev/null 2>&1 \
	|| { rm -rf "$$uv" && python3 -m pip install --target "$$uv" uv; } \
	|| { rm -rf "$$uv"; echo "uv could not be fetched: this Python has neither a working venv nor pip, or no package" \
	"index can be reached. Install one of them (on Debian: apt install python3-venv), or uv itself." >&2; exit 1; }
