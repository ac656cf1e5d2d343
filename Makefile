# Every target sets up .venv by itself; a stamp skips that the next time.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test lint check example bench-demo bench-engine bench-stress bench-decode bench-stats calibration cases cases-quick data bundled docs fidelity clean

BIN := .venv/bin
FILES := pyproject.toml constraints.txt scripts/setup.sh

help:
	@echo "make demo          train 50 image classifiers, stress them, write runs/demo-torch/report.html"
	@echo "make test          run the tests (at most 10 minutes)"
	@echo "make lint          ruff, mypy --strict, layers"
	@echo "make check         the long tests; a skipped one fails"
	@echo "make example       heads on a real ImageNet classifier, stressed (fetches its weights, 18 MB)"
	@echo "make bench-demo    time, memory and size of the demo"
	@echo "make bench-engine  training and predicting against a plain PyTorch loop"
	@echo "make bench-stress  making stress tests against other packages"
	@echo "make bench-decode  reading 10,000 JPEGs"
	@echo "make bench-stats   the statistics against plain loops and scipy's bootstrap"
	@echo "make calibration   how often intervals hold and verdicts err; writes docs/calibration.md"
	@echo "make cases         four systems and two real controls in full; runs/cases/index.html"
	@echo "make cases-quick   the same in small forms, about a minute each"
	@echo "make fidelity      what our distortions differ by from other packages'; writes docs/fidelity.md"
	@echo "make data          fetch the real tables of some cases into the user's cache (72 MB)"
	@echo "make bundled       rebuild the bundled images from the official files (Debian)"
	@echo "make docs          regenerate schemas and reference pages"
	@echo "make clean         remove .venv and caches"

.venv/.torch: $(FILES)
	@scripts/setup.sh torch $@

.venv/.test: $(FILES)
	@scripts/setup.sh torch,images,test $@

.venv/.dev: $(FILES)
	@scripts/setup.sh torch,images,test,dev $@

.venv-rivals/installed.txt: .venv/.test bench/rivals.txt scripts/setup_rivals.sh
	@scripts/setup_rivals.sh

demo: .venv/.torch
	$(BIN)/underspec demo

test: .venv/.test
	$(BIN)/python -m pytest -q -n auto -m "not slow"

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check: .venv/.test .venv-rivals/installed.txt
	UNDERSPEC_REQUIRE_ALL=1 $(BIN)/python -m pytest -q -n auto -m "slow or browser"

bench-demo: .venv/.torch
	$(BIN)/python bench/demo.py

bench-engine: .venv/.torch
	$(BIN)/python bench/engine.py

bench-stress: .venv/.test .venv-rivals/installed.txt
	$(BIN)/python bench/stress.py

bench-decode: .venv/.test
	$(BIN)/python bench/decode.py

bench-stats: .venv/.test
	$(BIN)/python bench/stats.py

cases: .venv/.test
	$(BIN)/underspec case all --out runs/cases --no-open

cases-quick: .venv/.test
	$(BIN)/underspec case all --quick --out runs/cases-quick --no-open

calibration: .venv/.test
	$(BIN)/python scripts/make_calibration.py --cache runs/calibration

fidelity: .venv/.test .venv-rivals/installed.txt
	$(BIN)/python scripts/make_fidelity.py

example: .venv/.test
	examples/imagenet_heads/fetch.sh $(BIN)/python
	PYTHONPATH=examples/imagenet_heads $(BIN)/python examples/imagenet_heads/photographs.py
	$(BIN)/underspec run examples/imagenet_heads/study.yaml --out runs/imagenet-heads

cases cases-quick: data

data: .venv/.test
	$(BIN)/python -m underspec.data.packaged

bundled: .venv/.torch
	folder="$$(scripts/fetch_fashion_mnist.sh)" && $(BIN)/python scripts/make_fashion_mnist.py "$$folder"

docs: .venv/.test
	$(BIN)/python scripts/make_gallery.py
	$(BIN)/python scripts/make_docs.py

clean:
	rm -rf .venv .venv-rivals .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
