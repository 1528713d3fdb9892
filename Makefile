# make run starts the whole application, make test checks all of it; both do their own set-up.

PYTHON ?= python3
UV_LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate

.PHONY: help env run test check fix assets translations english secrets lock

help:
	@echo "make run     set up what is missing and start the application (PORT, default 8000)"
	@echo "make env     only the set-up, with the tools for development"
	@echo "make check   format, lint, types, imports, migrations, rules: for daily work"
	@echo "make test    every check there is, on private PostgreSQL and Redis"
	@echo "make fix     format and mend what the linter can mend"
	@echo "make assets  copy the front-end files and draw the icons anew after a new icon"
	@echo "make english bring locale/en up to date with the texts of the sources"
	@echo "make secrets draw the secrets of a production installation into secrets/"
	@echo "make lock    write the requirements files anew from the .in files (needs uv)"

env:
	@$(PYTHON) -m tools.bootstrap development

run:
	@$(PYTHON) -m tools.bootstrap run

test: env
	@.venv/bin/python -m tools.stages test

check: env
	@.venv/bin/python -m tools.stages check

fix:
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format --quiet .
	@.venv/bin/python -m tools.stages fix

# Parts of the set-up: what follows from templates, from texts, and what docker-compose.yml needs.
assets translations secrets:
	@$(PYTHON) -m tools.bootstrap $@

english: env
	@.venv/bin/python -m tools.language

lock:
	$(UV_LOCK) requirements.in --output-file requirements.txt
	$(UV_LOCK) requirements-dev.in --output-file requirements-dev.txt
	$(UV_LOCK) requirements-npm.in --output-file requirements-npm.txt
	npm install --package-lock-only --ignore-scripts
