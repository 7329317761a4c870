# `make help` lists what there is. CI and the README call these targets and no others.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
ROOMS := recommender catalog scraping indexing imaging demo
MANAGE := $(BIN)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help lock audit licences run install dev env test test-postgresql lint format types bench bench-gpu lighthouse screenshots messages translations demo clean

help:  ## this list, in the order of use
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14
	@echo
	@echo 'Your own shop, after `make install`:'
	@echo '  $(MANAGE) scrape https://shop.example/category/   fetch its previews and rows'
	@echo '  $(MANAGE) build_index                             make the index that the site serves'
	@echo '  $(MANAGE) reset_catalogue                         start afresh, for instance after the demo'

$(VENV)/installed: requirements.txt
	$(PYTHON) -m venv $(VENV)
	@echo "Installing what the product needs: some minutes, once."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/installed-dev: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/installed

run: install  ## from a fresh clone to a working site with a demo shop; again in seconds
	@$(MANAGE) run_site --host $(HOST) --port $(PORT) --workers $(WORKERS)

install: $(VENV)/installed .env  ## make the environment and .env; then `manage.py scrape` and `build_index` work
dev: $(VENV)/installed-dev  ## the same, with what tests and linters need

lint: dev  ## ruff and bandit: style, format, weaknesses
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(ROOMS) manage.py

# Versions that still fit the .in files stay; ARGS=--upgrade takes the newest, ARGS="--upgrade-package Django" one package's.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' $(ARGS)
lock:  ## pin what requirements.in and requirements-dev.in name, with all that it needs and the digest of every file
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --constraints requirements.txt --output-file requirements-dev.txt
	grep -vE '^(tensorflow|keras)==' requirements.in \
		| $(LOCK) - --constraints requirements.txt --output-file deploy/requirements.txt

audit: dev  ## ask for known weaknesses of the pinned packages; says so where the service cannot be reached
	@$(BIN)/python -m tests.supply_chain.audit

licences: dev  ## write docs/reference/licences.md
	$(BIN)/python -m tests.supply_chain.licences

format: dev  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: dev  ## mypy, strict
	$(BIN)/mypy .

test: lint types audit  ## everything CI checks: ruff, mypy, all tests (browser tests need Debian's chromium)
ifeq ($(ARGS),)
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not browser"
	$(BIN)/python -m pytest -m browser
else
	$(BIN)/python -m pytest $(ARGS)
endif
	@$(MAKE) --no-print-directory test-postgresql

# What reads and writes the catalogue, the second time on PostgreSQL.
test-postgresql: dev  ## the catalogue's tests on Debian's PostgreSQL, in a cluster of their own
	@$(BIN)/python -m tests.postgresql $(BIN)/python -m pytest -q -n auto --dist loadfile tests/catalog tests/scraping/test_scrape.py \
		tests/scraping/test_catalogue_rows.py tests/scraping/feeds/test_import_products.py tests/recommender/test_reset_catalogue.py \
		tests/recommender/test_backup.py tests/scraping/test_killed_runs.py

env: .env

.env:
	@umask 077 && $(PYTHON) -c "import secrets; print('DJANGO_SECRET_KEY=' + secrets.token_urlsafe(50))" > $@
	@echo "Wrote .env with a fresh DJANGO_SECRET_KEY."

bench: dev  ## measure against Keras, ONNX Runtime, faiss, scikit-learn, NumPy: 10 to 20 minutes on a quiet machine (ARGS=--quick to try)
	$(BIN)/python -m benchmarks $(ARGS)

bench-gpu: dev  ## TensorFlow on a GPU against Keras predict on the same GPU; says so where there is none
	$(BIN)/python -m benchmarks.gpu $(ARGS)

screenshots: dev  ## pictures of every page into docs/screenshots, of the site that runs at HOST and PORT with the demo
	$(BIN)/python -m tests.browser.shoot http://$(HOST):$(PORT)

lighthouse: dev  ## Lighthouse's scores of every page of the site that `make run` serves (needs Node and Chromium; as root: CHROME_FLAGS=--no-sandbox; ARGS=--quick without performance)
	$(BIN)/python -m benchmarks.lighthouse http://$(HOST):$(PORT) $(ARGS)

messages: dev  ## gather the strings to translate into locale/*/LC_MESSAGES/django.po (needs Debian's gettext)
	$(BIN)/pybabel -q extract -F pyproject.toml -k gettext_lazy --no-location --no-wrap -o .messages.pot .
	for po in locale/*/LC_MESSAGES/django.po; do \
		msgmerge --quiet --update --no-fuzzy-matching --no-location --no-wrap --backup=none $$po .messages.pot || exit 1; done
	rm .messages.pot

translations:  ## compile what was translated
	for po in locale/*/LC_MESSAGES/django.po; do msgfmt -o $${po%.po}.mo $$po || exit 1; done

demo: dev  ## draw the demo catalogue anew (needs Debian's fonts-noto-color-emoji)
	$(BIN)/python -m demo.make

clean:  ## remove the environment and caches; pictures, database and index stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
