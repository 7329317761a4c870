# `make help` lists what there is. CI and the README call these targets and no others.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
MANAGE := $(BIN)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help install dev env run test lint format types check bench bench-gpu demo clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | expand -t 14

$(VENV)/installed: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/installed-dev: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/installed

install: $(VENV)/installed  ## make the environment the product needs
dev: $(VENV)/installed-dev  ## the same, with what tests and linters need

lint: dev  ## ruff: style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: dev  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: dev  ## mypy, strict
	$(BIN)/mypy .

test: lint types  ## everything CI checks: ruff, mypy, all tests (browser tests need Debian's chromium)
	$(BIN)/python -m pytest $(ARGS)
