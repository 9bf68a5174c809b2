# `make` lists the targets. The first one called sets up .venv; a changed requirements.txt updates it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export MPLBACKEND := Agg
export PYDEVD_DISABLE_FILE_VALIDATION := 1

# Compiled programs of the tests, of the Colab lane and of the sweep are kept from one run to the next; bench and notebooks time the real thing.
test test-unit test-notebooks test-colab sweep: export JAX_COMPILATION_CACHE_DIR := $(CURDIR)/build/jax-cache
test test-unit test-notebooks test-colab sweep: export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS := 0.01
# They run two notebooks at a time, so XLA gets one thread for each: with two, they wait for each other.
test test-unit test-notebooks test-colab sweep: export PJRT_NPROC := 1

# The repository's name goes to its program in the environment, word for word: neither make nor a shell reads it.
ifneq ($(origin REPO),undefined)
export COURSE_REPO := $(value REPO)
endif
unexport REPO

# Where packages go is for the environment to say, not for a reader's own settings of pip.
export PIP_USER := 0
unexport PIP_TARGET
unexport PIP_PREFIX

.DEFAULT_GOAL := help
.PHONY: help lab run test test-unit test-notebooks sweep notebooks bench scale colab test-colab test-newest test-peers site gallery publish grade grade-demo handout fresh lint clean

# A line of help begins with one # more where it is for teachers and maintainers.
LIST = @grep -hE '^[a-z-]+:[^\#]*$(1) ' $(MAKEFILE_LIST) | sed -E 's/:[^\#]*\#+ /\t/' | awk -F '\t' '{printf "  make %-15s %s\n", $$1, $$2}'

help:  ## this list
	@echo "To read and do the course:"
	$(call LIST,##)
	@echo "To teach with it, and to keep it:"
	$(call LIST,###)

lab: $(VENV)/ready  ## open the course in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=. --LabApp.app_settings_dir=.jupyterlab $(LAB_OPTIONS) notebooks/01_bayes.ipynb

run: $(VENV)/ready  ### execute every notebook into build/, with progress
	$(BIN)/python tests/tools/run.py $(NOTEBOOKS)

test: test-unit test-notebooks  ### everything that CI checks: about 25 minutes on two cores

test-unit: $(VENV)/ready-dev  ### helpers, structure of the notebooks, browser
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests --ignore=tests/notebooks/test_parameters.py

test-notebooks: $(VENV)/ready-dev  ### every notebook against its stored outputs, then with other parameters
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval --nbval-current-env --nbval-cell-timeout=300 --nbval-sanitize-with tests/nbval_sanitize.cfg -W default notebooks
	$(BIN)/python -m pytest -n 2 tests/notebooks/test_parameters.py

sweep: $(VENV)/ready  ### notebooks at full length with random parameters: make sweep N=20 [SEED=1]; or every digit: DIGITS=all
	$(BIN)/python tests/tools/sweep.py N=$(N) SEED=$(SEED) DIGITS=$(DIGITS) $(NOTEBOOKS)

notebooks: $(VENV)/ready  ### run all notebooks once and store their outputs
	$(BIN)/python tests/tools/store.py $(NOTEBOOKS)

bench: $(VENV)/ready-dev  ### timings: a table, and a figure in build/
	$(BIN)/python tests/benchmarks/run_all.py

scale: $(VENV)/ready  ### the model of notebook 13 on several processes: make scale PROCESSES=4 [IMAGES=file.npy STATE=folder]
	$(BIN)/python -m helpers.scale $(or $(IMAGES),build/scale/images.npy) $(or $(STATE),build/scale/state) \
		--processes $(or $(PROCESSES),2) --synthetic $(or $(SYNTHETIC),1000000)

colab: $(VENV)/ready  ## self-contained copies for uploading to Colab, in build/colab/
	$(BIN)/python tests/tools/colab.py

test-colab: colab  ### execute those copies on Colab's versions (needs a Python 3.13)
	$(BIN)/python tests/tools/colab_lane.py

test-peers: $(VENV)/ready  ### the model of notebook 5 in NumPyro, Pyro, PyMC and TensorFlow Probability, each against the exact posterior; NumPyro against FAST
	$(BIN)/python tests/tools/peers.py $(PEERS)

test-newest:  ### execute every notebook on the newest releases, without pins
	$(MAKE) run VENV=.venv-newest REQUIREMENTS='-U .[notebooks]'

site: $(VENV)/ready-site  ## every notebook as a page to read without a kernel, in build/site/
	$(BIN)/python tests/tools/site_build.py

gallery: $(VENV)/ready  ### the panels that several lessons share, as a page of pictures in build/gallery/
	$(BIN)/python tests/tools/gallery.py

fresh: $(VENV)/ready  ## lessons as they were, your own copies set aside: make fresh [NOTEBOOKS=notebooks/01_bayes.ipynb]
	$(BIN)/python tests/tools/fresh.py $(NOTEBOOKS)

grade: $(VENV)/ready  ### what a class handed in: make grade SUBMISSIONS=folder [ROSTER=names.csv]; alone, it says what it does
	@$(BIN)/python tests/tools/grade.py "SUBMISSIONS=$(SUBMISSIONS)" "ROSTER=$(ROSTER)" "GRADEBOOK=$(GRADEBOOK)" "COLUMN=$(COLUMN)"

grade-demo: $(VENV)/ready  ### the same for twenty made-up students, in build/grade-demo/
	@$(BIN)/python tests/tools/grade_demo.py

handout: $(VENV)/ready  ### a zip for students, without solutions: make handout [NOTEBOOKS="notebooks/01_bayes.ipynb ..."]
	$(BIN)/python tests/tools/handout.py $(NOTEBOOKS)

publish: $(VENV)/ready  ### write the repository's name and the badges: make publish REPO=owner/name; REPO= undoes it
	$(BIN)/python tests/tools/publish.py

lint: $(VENV)/ready-dev  ### ruff, on code and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

clean:  ### remove what was built; keeps .venv
	rm -rf build .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -not -path './.venv*' -prune -exec rm -rf {} +

# The course's own package needs no installing: a line in the environment names its folder, which may be read-only.
REQUIREMENTS ?= -r $(VENV)/requirements.txt
IMPORTABLE := import os, pathlib, sysconfig; \
	pathlib.Path(sysconfig.get_path("purelib"), "course.pth").write_text(os.getcwd() + "\n", encoding="utf-8")

$(VENV)/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The course needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 lab")'
	$(PYTHON) -m venv $(VENV)
	@grep -v '^-e' requirements.txt > $(VENV)/requirements.txt
	@echo "About 230 MB to fetch, 1 GB on disk: two to six minutes. pip names what it fetches; then, while it installs, it may be silent for a while."
	$(BIN)/python -m pip install --disable-pip-version-check $(REQUIREMENTS)
	@$(BIN)/python -c '$(IMPORTABLE)'
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready
	$(BIN)/python -m pip install --disable-pip-version-check $(REQUIREMENTS) -e '.[dev,site]'
	@touch $@

$(VENV)/ready-site: $(VENV)/ready
	$(BIN)/python -m pip install --disable-pip-version-check $(REQUIREMENTS) -e '.[site]'
	@touch $@
