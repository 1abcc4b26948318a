# The one entry point: `make help` lists what there is. Needs Python 3.11 or later and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TEST_PROCESSES ?= 2
# Each process of the suite and the product compiles what it loads once, not each time.
unexport PYTHONDONTWRITEBYTECODE
# Behind a proxy that inspects TLS, only the system's store knows its certificate.
export UV_SYSTEM_CERTS ?= 1

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format types bench audit fuzz schema edition migrations lock clean

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## build the environment from the lock file, hashes checked

$(VENV)/.installed: requirements.lock infra/dev/installer.lock pyproject.toml
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Safeguard needs Python 3.11 or later with its venv module; name one with PYTHON=/path/to/python."; exit 1; }
	@echo "Building the environment in $(VENV) (a minute or two, once) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r infra/dev/installer.lock || $(UNFETCHED)
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock || $(UNFETCHED)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
UNFETCHED = { echo "Packages could not be fetched: a network to PyPI is needed, or a mirror, named to pip and to uv."; exit 1; }

demo: install ## run the whole product on this machine and play the main job (ONCE=1: stop after the story)
	@$(BIN)/python -m infra.dev.demo $(if $(ONCE),--once)

test: install ## the whole suite, on real services started for it
	@$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder || $(BY_THEMSELVES)
# Five thousand tests share two cores, one cluster and one broker: what fails is run once more with nothing beside it.
# It is wrong if it fails again; if not, the report above names it all the same, and it is to be mended.
BY_THEMSELVES = { [ $$? -eq 1 ] && echo "Run once more by themselves, those that failed:" && \
	  $(BIN)/pytest --last-failed --last-failed-no-failures none --maxfail 1; }

lint: install ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: install ## let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: install ## mypy (strict) and pyright
	@$(BIN)/mypy
	@$(BIN)/pyright

bench: install ## measure the main job on this machine (ONLY=B1,B2: some rows; PEERS=1: others beside it)
	@PYTHONPATH=tests $(BIN)/python -m load.bench $(if $(ONLY),--only $(ONLY)) $(if $(PEERS),--peers)

audit: install ## run the 61 audits of GraphQL over HTTP and a client of subscriptions against the API
	@$(BIN)/python -m infra.dev.audits

fuzz: install ## call every root field with generated documents (EXAMPLES=100 of each; else 25)
	@$(BIN)/python -m infra.dev.fuzz $(if $(EXAMPLES),--examples $(EXAMPLES))

schema: install ## write the API's contract to graphql/schema.graphql
	@$(BIN)/safeguard schema > graphql/schema.graphql

edition: install ## publish today's contract and trusted documents: what clients made from them rely on
	@$(BIN)/safeguard artefacts --out .dev/edition > /dev/null
	@cp .dev/edition/schema.graphql graphql/changelog/$$(date +%F).graphql
	@cp .dev/edition/documents.json graphql/changelog/$$(date +%F).json

migrations: install ## migrate an empty database up, down and up again, and look for drift
	@$(BIN)/python -m infra.dev.migrations

lock: install ## resolve the dependencies anew into the lock files
	@$(BIN)/uv pip compile --quiet pyproject.toml --group dev $(RESOLVE) --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet pyproject.toml $(RESOLVE) --constraint requirements.lock --output-file infra/container/requirements.lock
RESOLVE := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade

clean: ## remove the environment and what the development services left
	@rm -rf $(VENV) .dev
