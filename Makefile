# The two commands are `make book` and `make test`; plain `make` lists them all.

PYTHON = python3

# What the shell has exported under these names is somebody else's, as are settings that would change what pages show.
# All that is read or written is UTF-8.
export PYTHONUTF8 = 1
unexport PYTHONSTARTUP PYTHONOPTIMIZE PYTHONWARNINGS JUPYTER_PATH MPLBACKEND MATPLOTLIBRC

# A misspelt variable would silently do the default, which may be hours of the wrong training.
accepted := PROFILE SEED PAGE RUN RERUN SCHEDULER PYTHON
given := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
unknown := $(filter-out $(accepted),$(given))
ifneq ($(unknown),)
$(error $(unknown) is not a variable of this Makefile: $(accepted) are accepted, as in `make book PROFILE=quick SEED=7`)
endif

python := .venv/bin/python
# A Python that was asked for by name is used or refused, never exchanged for another.
exact := $(if $(filter PYTHON,$(given)),--exact)
# What stands on the command line, so that an empty value (SEED=) is passed on and refused. The shell expands the
# values, in quotes.
asked = $(if $(filter $(1),$(given)),"$$$(1)","")
options := $(if $(filter PROFILE,$(given)),--profile="$$PROFILE") \
           $(if $(filter SEED,$(given)),--seed="$$SEED") \
           $(if $(filter SCHEDULER,$(given)),--scheduler="$$SCHEDULER")
action := $(if $(filter pdf,$(MAKECMDGOALS)),pdf,book)
wanted := $(if $(filter page,$(MAKECMDGOALS)),page $(call asked,PAGE),$(action) $(options))
built := book/_build reruns .pytest_cache .ruff_cache .hypothesis

# For the everyday loop: what takes seconds, and one page.
quick := $(wildcard tests/test_rooms.py tests/store/test_*.py tests/potentials/test_*.py tests/data/test_*.py \
         $(patsubst %,tests/models/test_%.py,building graph_arrays inputs pairs representations) \
         $(patsubst %,tests/training/test_%.py,config metrics prediction) \
         $(patsubst %,tests/analysis/test_%.py,claims formatting report verdicts) \
         $(patsubst %,tests/book/test_%.py,compare dependencies foot form parameters))
slow := $(filter-out $(quick),$(wildcard tests/test_*.py tests/*/test_*.py))
quick_page := book/open_choices.ipynb

# What a file makes once stays its own; the files begin in the order of tests/conftest.py.
by_file := --dist loadfile --no-loadscope-reorder

.PHONY: help settings install book pdf page compare retrain test test-quick test-faults lint bench lock clean

help:
	@echo 'make book      run every page and build the site, book/_build/html/index.html'
	@echo 'make pdf       the same, and print it into one PDF beside the site; needs Chromium'
	@echo 'make page      execute the one published page PAGE into its place, and render nothing'
	@echo 'make compare   set the numbers of the notebook RERUN beside those of the published page'
	@echo 'make retrain   train the stored run RUN again from nothing, and compare; it stays as it is'
	@echo 'make test      check the style and run all tests'
	@echo 'make test-quick  check the style, the library where that takes seconds, and one page; it says what is left'
	@echo 'make test-faults  kill trainings and builds at random moments and fill their disks, 20 times each'
	@echo 'make lint      check the style only'
	@echo 'make bench     time the library beside its peers'
	@echo 'make install   only install the locked packages into .venv, as all of these do first'
	@echo 'make settings  only check PROFILE, SEED and SCHEDULER, as `make book` does first'
	@echo 'make lock      renew requirements.lock and benchmarks/requirements.lock'
	@echo 'make clean     remove the built site, reruns and caches; stored runs and .venv stay'
	@echo 'make help      show this list'
	@echo
	@echo 'PROFILE=quick  with make book: the profile to run the pages at, published pages left alone'
	@echo 'SEED=7         with make book: the seed to run the pages with, published pages left alone'
	@echo 'SCHEDULER=tcp://10.0.0.1:8786  with make book: the Dask cluster for sweeps and searches'
	@echo 'PAGE=gcn       with make page: a page, the name of its file in book/'
	@echo 'RERUN=out.ipynb  with make compare: what papermill has made of a page'
	@echo 'RUN=gcn/paper/seed-0  with make retrain: a folder of data/runs'
	@echo 'PYTHON=python3 the Python (3.11 to 3.13) to make .venv with'

install:
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON): install Python 3.11 to 3.13 \
	with its venv module, or name one with PYTHON=/path/to/python3." >&2; exit 1; }
	@"$(PYTHON)" lib/install.py .venv $(exact)

# Before the installation, which takes a minute; an old Python that stumbles here is told so by `install`.
settings:
	@! command -v "$(PYTHON)" >/dev/null || PYTHONPATH=lib "$(PYTHON)" -m surrogates.book.settings $(wanted) \
	|| test $$? -ne 2

book pdf: settings install
	@$(python) -m surrogates.book.pages $(wanted)

page: settings install
	@$(python) -m surrogates.book.pages $(wanted)

compare: install
	@$(python) -m surrogates.book.compare $(call asked,RERUN)

retrain: install
	@$(python) -m surrogates.book.retrain $(call asked,RUN)

test: lint
	$(python) -m pytest --numprocesses 2 $(by_file)

test-quick: lint
	@status=0; $(python) -m pytest --numprocesses 2 $(by_file) --durations=0 --durations-min=5 $(quick) || status=1; \
	$(python) -m pytest --nbval $(quick_page) || status=1; \
	echo 'Not run: the other pages, and $(slow).'; \
	echo 'One file: $(python) -m pytest FILE; one page: $(python) -m pytest --nbval book/PAGE.ipynb; all: make test'; \
	exit $$status

test-faults: lint
	$(python) -m pytest --numprocesses 2 --in-full tests/faults

lint: install
	$(python) -m ruff check
	$(python) -m ruff format --check

bench: install
	@"$(PYTHON)" lib/install.py .venv $(exact) --bench
	$(python) benchmarks/run.py

lock: install
	@set -e; rm -f uv.lock; mkdir .lock; trap 'rm -rf uv.lock .lock' EXIT; \
	uv='$(python) -m uv'; export="$$uv export -q --frozen --no-emit-project --no-annotate --no-header"; \
	$$uv lock --python $(python); \
	$$export --group dev -o .lock/main; $$export --only-group bench -o .lock/bench; \
	if grep -n :// .lock/*; then echo 'The new lock names a package index; nothing was changed.' >&2; exit 1; fi; \
	mv .lock/main requirements.lock; mv .lock/bench benchmarks/requirements.lock

clean:
	rm -rf $(built)
	find book lib tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
	find book -name .ipynb_checkpoints -prune -exec rm -rf {} +
