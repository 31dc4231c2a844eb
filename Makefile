# `make help` lists what there is. Nothing here needs root; the environment lives in .venv.

PORT ?= 8080
HOST ?= 127.0.0.1
DATA ?= data
DATABASE_URL ?=
WORKERS ?= auto
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name) 2>/dev/null)))

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
FRONT := web/frontend
DIST := web/static/dist/icon.svg
MODULES := $(FRONT)/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test fast check format lock frontend diagrams docs screenshots soak bench clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  Variables: PORT=8080 HOST=127.0.0.1 DATA=data DATABASE_URL=postgresql+psycopg://… WORKERS=auto'

run: .venv/.run frontend ## Start Doudi with a demonstration district (PORT=… DATA=… DATABASE_URL=…)
	@PORT='$(PORT)' HOST='$(HOST)' DATA='$(DATA)' DATABASE_URL='$(DATABASE_URL)' exec $(BIN)/python -m scripts.run

test: .venv/.dev .venv/.fuzz frontend ## Run every test on SQLite, PostgreSQL and Chromium
	@$(BIN)/python -m scripts.services -- $(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

fast: .venv/.dev ## Run the quick tests on SQLite only
	@$(BIN)/python -m pytest -q -n $(WORKERS) -m 'not postgres and not browser and not slow' $(ARGS)

check: .venv/.dev ## Check everything that a reviewer would: style, types, layers, policy, quick tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/doudi policy check bpmn
	@$(MAKE) --no-print-directory fast

format: .venv/.dev ## Format the code and sort its imports
	$(BIN)/ruff check --fix-only --exit-zero .
	$(BIN)/ruff format .

frontend: $(DIST) ## Build style sheets and scripts

diagrams: .venv/.dev frontend ## Draw every process of the policy into docs/diagrams
	@$(BIN)/python -m scripts.diagrams bpmn/processes docs/diagrams

docs: .venv/.dev ## Write the pages that come from the policy and the code
	@$(BIN)/python -m scripts.clauses
	@$(BIN)/python -m scripts.operations

screenshots: .venv/.dev frontend ## Take the pictures of the guides
	@$(BIN)/python -m scripts.screenshots $(ARGS)

soak: .venv/.dev frontend .venv/.fuzz ## Run for a long time under load and faults
	@$(BIN)/python -m scripts.soak $(ARGS)

bench: .venv/.dev ## Measure throughput and latency
	@$(BIN)/python -m scripts.bench $(ARGS)

lock: .venv/.dev ## Pin Python packages again (requirements/*.in → *.txt) and check the npm lock
	@for name in run dev node fuzz; do \
	  env -u PIP_FIND_LINKS CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/pip-compile --quiet \
	    --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	    --no-emit-trusted-host --no-emit-find-links --no-emit-options \
	    --output-file requirements/$$name.txt requirements/$$name.in || exit 1; done
	@cd $(FRONT) && ../../scripts/npm install --package-lock-only
	@! grep -nE '"resolved"|://registry' $(FRONT)/package-lock.json
	@! grep -nE '://|--find-links' requirements/*.txt

clean: ## Remove what was built; data/ and .venv stay
	rm -rf web/static/dist $(FRONT)/node_modules build *.egg-info .mypy_cache .ruff_cache .pytest_cache

# --- stamps: each says what was installed last ---

.venv/pyvenv.cfg:
	@test -n '$(PYTHON)' || { echo 'Doudi needs Python 3.11 or later.' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit("Doudi needs Python 3.11 or later, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo 'Making .venv …'
	@'$(PYTHON)' -m venv .venv || { rm -rf .venv; \
	  echo 'Python cannot make environments here. On Debian: apt-get install python3-venv' >&2; exit 1; }

.venv/.run: .venv/pyvenv.cfg requirements/run.txt pyproject.toml
	@echo 'Installing Python packages …'
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@echo 'Installing packages for tests and checks …'
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.fuzz: .venv/.dev requirements/fuzz.txt
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/fuzz.txt \
	  || echo 'No atheris for this system: guided fuzzing is left out.' >&2
	@touch $@

$(MODULES): $(FRONT)/package.json $(FRONT)/package-lock.json $(FRONT)/.npmrc | .venv/pyvenv.cfg
	@echo 'Installing browser packages …'
	@cd $(FRONT) && ../../scripts/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(DIST): $(MODULES) $(FRONT)/build.js $(shell find $(FRONT)/src -type f)
	@echo 'Building the front end …'
	@cd $(FRONT) && ../../scripts/npm run --silent build
	@touch $@
