# Moments. `make run` starts it, `make test` tests it; both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run reload manage test test-fast races crash speed a11y check messages docs lock reset screenshots

help: ## what there is
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.runs ## everything, on http://localhost:8000 (PORT=… for another)
	@exec $(BIN)/python -m moments.devserver.launcher

reload: $(VENV)/.runs ## new code and settings under running traffic: migrates, replaces web workers one by one, says how it went
	@$(BIN)/python -m moments.devserver.launcher reload

manage: $(VENV)/.runs ## one command where `make run` refuses to start, as make manage ARGS="retire_key 1a2b3c4d"
	@$(BIN)/python -m moments.devserver.launcher manage $(ARGS)

test: $(VENV)/.tests ## every test, against real servers and a real browser
	@CHROMIUM="$$($(BIN)/python -m tests.chromium)" && export CHROMIUM && $(BIN)/python -m pytest -n 3 --dist loadgroup

test-fast: $(VENV)/.tests ## for daily work: four tests of five, without browsers, whole stacks, crowds and slow ones (about two minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow" $(addprefix --ignore=tests/,browser crash races speed)

races: $(VENV)/.tests ## caps, claims, orders and keys under hundreds of callers, in full (about 25 minutes)
	@MOMENTS_HARNESS=full $(BIN)/python -m pytest -q tests/races

crash: $(VENV)/.tests ## everything killed while rewards are issued, dependencies taken away, in full (about 20 minutes)
	@MOMENTS_HARNESS=full $(BIN)/python -m pytest -q tests/crash tests/redemption/providers/test_fulfillment.py

speed: $(VENV)/.tests ## every page of the console over a million rewards, and their books (about 5 minutes)
	@MOMENTS_HARNESS=full $(BIN)/python -m pytest -q -n0 tests/speed

a11y: $(VENV)/.tests ## every page: axe, light and dark, 320 to 1280 px, 200 % text, forced colors, Tab (about 12 minutes)
	@CHROMIUM="$$($(BIN)/python -m tests.chromium)" && export CHROMIUM && MOMENTS_LOOKS=every $(BIN)/python -m pytest -q -n0 tests/browser/test_pages.py

screenshots: $(VENV)/.tests ## the pictures of the README, and a gallery of every page in var/gallery/index.html
	@CHROMIUM="$$($(BIN)/python -m tests.chromium)" && export CHROMIUM && MOMENTS_SCREENSHOTS=docs/screenshots $(BIN)/python -m pytest -q -n0 tests/browser/test_journey.py
	@CHROMIUM="$$($(BIN)/python -m tests.chromium)" && export CHROMIUM && MOMENTS_LOOKS=every MOMENTS_GALLERY=var/gallery $(BIN)/python -m pytest -q -n0 tests/browser/test_pages.py

check: $(VENV)/.tests ## style, types, templates, migrations, import lines
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/djlint --lint --quiet templates
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m pytest -q --noconftest -o addopts= -W ignore tests/test_imports.py tests/test_migrations.py

messages: $(VENV)/.tests ## locale/*.po in step with the texts that customers read; says which lack a translation
	@$(BIN)/python manage.py messages

docs: $(VENV)/.tests ## docs/rules.md from the code
	@$(BIN)/python -m tests.rules_table

lock: ## requirements*.txt from requirements*.in (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

reset: ## delete all data in var: database, uploads and keys; asks first (YES=1 does not)
	@test -e var || { echo "There is nothing to delete: $(CURDIR)/var does not exist."; exit 0; }; \
	echo "This deletes $(CURDIR)/var for good: the database, uploaded pictures, and the keys that open what it sealed."; \
	if [ "$(YES)" != 1 ]; then \
		printf "Type yes to delete it: "; read answer || answer=; \
		[ "$$answer" = yes ] || { echo "Nothing was deleted."; exit 1; }; \
	fi; \
	if [ -L var/postgres ]; then rm -rf "$$(readlink var/postgres)"; fi; \
	rm -rf var && echo "Deleted."

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) -V). Try: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "No venv here. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.runs: requirements.txt | $(BIN)/python
	@echo "Installing what Moments needs into $(VENV) (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.tests: requirements-dev.txt $(VENV)/.runs
	@echo "Installing what the tests need into $(VENV) (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m tests.chromium prefer-shell
	@touch $@
