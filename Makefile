# cxlab. `make` alone prints the targets below; their words are the comments behind the names.
# Every target sets up what it needs first, in .venv, once.

STUDY  ?= data/demo
PERIOD ?= 2026-10
OUT    ?= reports

PY := .venv/bin/python
# The notebooks run in .venv's own kernel, whatever other kernels this machine has.
export JUPYTER_PREFER_ENV_PATH := 1
unexport JUPYTER_PATH
unexport PYTHONPATH

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help report test lab demo lint bench picture lock clean run-ready test-ready chromium postgres

help: ## what you are reading
	@echo "cxlab: make <target> [STUDY=$(STUDY)] [PERIOD=$(PERIOD)] [OUT=$(OUT)]"
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

report: run-ready ## render the pages of one study and period
	@$(PY) -m cxlab.cli report $(STUDY) --period $(PERIOD) --out $(OUT)

test: test-ready chromium postgres lint ## check everything: lint, types, every test, every notebook
	@$(PY) -m pytest --numprocesses 2 --dist loadfile $(PYTEST)

lab: run-ready ## open JupyterLab on the notebooks
	@$(PY) -m jupyterlab notebooks

demo: run-ready ## make the invented study again in data/demo (same seed, same files)
	@$(PY) -m cxlab.cli demo --out data/demo

lint: test-ready ## ruff, formatting and types only
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet . || { echo "not formatted: run .venv/bin/python -m ruff format ."; exit 1; }
	@$(PY) -m mypy --no-error-summary

bench: test-ready ## measure the tallies against pandas, DuckDB and the bare scan
	@$(PY) benchmarks/tallies.py

picture: test-ready report ## take the README's picture from the rendered front page
	@$(PY) scripts/picture.py $(OUT)/$(PERIOD)/index.html docs/front-page.png

lock: ## remake requirements.lock after a change of ranges (needs uv)
	@sh scripts/lock.sh

clean: ## remove everything a run leaves: .venv, reports, checked tables, caches
	@rm -rf .venv reports data/*/tables tests/real/*/tables dist build *.egg-info
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

run-ready:
	@sh scripts/setup.sh

test-ready:
	@sh scripts/setup.sh test

chromium:
	@sh scripts/chromium.sh

postgres:
	@sh scripts/postgres.sh
