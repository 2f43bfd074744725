# Every task of the project. `just` lists them; each makes what it needs.

set shell := ["bash", "-euo", "pipefail", "-c"]

python := env("PYTHON", "python3")
bin := justfile_directory() / ".venv" / "bin"
torch_index := env("TORCH_INDEX", "")

# List the recipes
default:
    @just --list --unsorted

# The service with a demo business behind it, on http://127.0.0.1:8000 (try `just demo --language en`)
[group('run')]
demo *args: setup
    exec {{ bin }}/huiyi demo {{ args }}

# The service as the environment configures it
[group('run')]
serve *args: setup
    exec {{ bin }}/huiyi serve {{ args }}

# A conversation in the terminal
[group('run')]
chat *args: setup
    exec {{ bin }}/huiyi chat --demo {{ args }}

# Every test; arguments go to pytest (`just test tests/domain -k laws`)
[group('work')]
test *args: setup
    {{ bin }}/python -m pytest {{ args }}

# The gate: format, lint, types, import rules, tests with coverage
[group('work')]
check: setup
    {{ bin }}/ruff format --check .
    {{ bin }}/ruff check .
    {{ bin }}/mypy
    {{ bin }}/lint-imports
    {{ bin }}/python -m coverage erase
    {{ bin }}/python -m pytest --cov --cov-report=
    {{ bin }}/python -m coverage report --include='domain/*,application/*' --fail-under=100
    {{ bin }}/python -m coverage report --include='adapters/*,bootstrap/*' --fail-under=90

# Language model and embedder against a real Xinference with tiny models, made in var/xinference (2 GB, once)
[group('work')]
test-xinference *args: setup
    #!/usr/bin/env bash
    set -euo pipefail
    home=var/xinference venv=var/xinference/venv
    if [ ! -e "$venv/installed" ]; then
        echo "Installing Xinference into $venv (2 GB, some minutes) ..." >&2
        {{ python }} -m venv "$venv"
        # TORCH_INDEX names the index with torch for CPUs: pip takes that of two equal releases, and the other is 6 GB.
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check {{ if torch_index == "" { "" } else { "--extra-index-url " + torch_index } }} \
            torch==2.13.0 torchvision==0.28.0 xinference==4.1.0 transformers==5.17.0 accelerate sentence-transformers
        # Needed by the resolver only: text models do without, and beside a torch for CPUs it cannot be imported.
        "$venv/bin/python" -m pip uninstall --quiet --disable-pip-version-check --yes torchvision timm
        touch "$venv/installed"
    fi
    trap '{{ bin }}/python -m tests.xinference.serving stop "$home"' EXIT
    echo "Starting it (a minute or two) ..." >&2
    url=$({{ bin }}/python -m tests.xinference.serving start "$home")
    HUIYI_XINFERENCE_URL="$url" {{ bin }}/python -m pytest tests/contracts/test_language_model_contract.py \
        tests/contracts/test_embedder_contract.py -k "real and xinference" {{ args }}

# Speed and memory, measured side by side on this machine
[group('work')]
bench *args: setup
    {{ bin }}/python -m tests.benchmarks {{ args }}

# What MySQL and Redis cost beside SQLite and memory, on servers that it starts and stops
[group('work')]
bench-parts *args: setup
    {{ bin }}/python -m tests.benchmarks.parts {{ args }}

# Format, and mend what can be mended by itself
[group('work')]
fmt: setup
    {{ bin }}/ruff check --fix-only --quiet .
    {{ bin }}/ruff format .

# Make .venv from the locked dependencies, each checked against its hash; quick when nothing changed
[group('work')]
setup:
    #!/usr/bin/env bash
    set -euo pipefail
    stamp=".venv/installed-$(cat requirements.lock pyproject.toml | sha256sum | cut -c1-16)"
    [ -e "$stamp" ] && exit 0
    {{ python }} -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Huiyi needs Python 3.11 or later: PYTHON=python3.12 just setup" >&2; exit 1; }
    echo "Installing into .venv (about 600 MB, a minute or two) ..." >&2
    [ -x .venv/bin/python ] || {{ python }} -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
    rm -f .venv/installed-*
    touch "$stamp"

# Write requirements.lock anew from pyproject.toml (needs uv)
[group('work')]
lock:
    uv pip compile pyproject.toml --extra embedded --group dev --universal --python-version 3.11 \
        --generate-hashes --no-header --no-annotate --no-strip-extras --quiet --output-file requirements.lock

# Remove what the other recipes made
[group('work')]
clean:
    rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage *.egg-info
