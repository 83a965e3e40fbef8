# Everything a person does here is one word; `make help` lists them.
# Needs a POSIX shell and Python 3.11 or newer with venv. No root, no container, no question asked.

PYTHON ?= python3
NEXT_PYTHON ?= $(firstword $(shell command -v python3.13 python3.12 2>/dev/null))
UV ?= uv
VENV ?= .venv
NEXT_VENV ?= .venv-next
ARGS ?=
WITH ?=

python := $(VENV)/bin/python
next_python := $(NEXT_VENV)/bin/python

# A user's pip settings may name an index or a proxy, and that is wanted. These would move
# the installation elsewhere or add to what the lock file says.
pip_unset := -u PIP_USER -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT -u PIP_REQUIREMENT \
	-u PIP_CONSTRAINT -u PIP_EDITABLE -u PIP_NO_DEPS -u PIP_DRY_RUN -u PIP_REPORT -u PIP_PYTHON \
	-u PIP_IGNORE_INSTALLED -u PYTHONHOME
pip_install := env $(pip_unset) PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 \
	$(python) -m pip install --quiet --require-hashes
compile := UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	$(ARGS)

.DEFAULT_GOAL := help
.PHONY: help run example-web example-api env env-browser test test-next check lint-fix docs messages bench soak lock clean
.DELETE_ON_ERROR:

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/run.stamp ## install what is needed, then start the server
	@exec $(python) manage.py start $(ARGS)

example-web: $(VENV)/examples.stamp ## an application that signs people in with this server
	@exec $(python) examples/web-client/app.py

example-api: $(VENV)/examples.stamp ## an API that takes this server's tokens (WITH=fastapi, WITH=django)
	@exec $(python) examples/resource-server/api$(WITH:%=_%).py

env: $(VENV)/dev.stamp ## the virtual environment for work on the code

env-browser: $(VENV)/browser.stamp ## the same, with what the browser tests need

test: $(VENV)/dev.stamp ## the whole suite, on SQLite and on PostgreSQL + Valkey (ARGS="-k code")
	@$(python) -m tests $(ARGS)

test-next: ## the SQLite leg under a newer Python and Django, where one is found
	@if [ -z "$(NEXT_PYTHON)" ]; then \
		echo "No Python 3.12 or newer found; name one: make test-next NEXT_PYTHON=…"; \
	else \
		$(MAKE) --no-print-directory VENV=$(NEXT_VENV) PYTHON=$(NEXT_PYTHON) env && \
		$(next_python) -m tests --leg sqlite $(ARGS); \
	fi

check: $(VENV)/dev.stamp ## style, types, import contracts, migrations, deploy checks, generated docs
	@$(python) -m tests.check $(ARGS)

lint-fix: $(VENV)/dev.stamp ## let ruff repair what it can
	@$(python) -m ruff check --fix .
	@$(python) -m ruff format .

docs: $(VENV)/dev.stamp ## write the generated pages anew
	@$(python) -m tests.check --write-docs

messages: $(VENV)/dev.stamp ## collect the texts of the pages and compile their translations
	@$(python) -m tests.messages

bench: $(VENV)/dev.stamp ## compare with rivals on this machine
	@$(python) -m bench $(ARGS)

soak: $(VENV)/dev.stamp ## a long load that looks for leaks and lost tokens
	@$(python) -m bench soak $(ARGS)

lock: ## resolve the dependencies anew (needs uv; ARGS=--upgrade)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/"; exit 1; }
	@$(compile) pyproject.toml -o requirements/run.txt
	@$(compile) --group examples -c requirements/run.txt -o requirements/examples.txt
	@$(compile) pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	@$(compile) --group browser -c requirements/dev.txt -o requirements/browser.txt
	@$(compile) requirements/bench.in -c requirements/run.txt -o requirements/bench.txt

clean: ## remove the environments and caches; var/ (database, keys) stays
	@rm -rf .venv .venv-next .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# Each stamp is younger than its lock file exactly while nothing has to be installed.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "authserver needs Python 3.11 or newer. Name one: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make virtual environments (on Debian: the package python3-venv)."; exit 1; }

$(VENV)/run.stamp: requirements/run.txt | $(VENV)/bin/python
	@echo "Installing what authserver needs (once; about half a minute) …"
	@$(pip_install) -r requirements/run.txt
	@touch $@

$(VENV)/examples.stamp: requirements/examples.txt | $(VENV)/bin/python
	@$(pip_install) -r requirements/examples.txt
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt | $(VENV)/bin/python
	@echo "Installing what the tests need (once; about a minute) …"
	@$(pip_install) -r requirements/dev.txt
	@touch $(VENV)/run.stamp $@

$(VENV)/browser.stamp: requirements/browser.txt $(VENV)/dev.stamp
	@$(pip_install) -r requirements/browser.txt
	@touch $@
