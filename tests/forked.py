"""A plugin for pytest: nbval's kernels are copies of one process that has imported what all pages import.

They load what is stored and compute nothing else (:mod:`tests.stored_only`, found from the root of the repository).

PYTHONPATH=. SURROGATES_TESTS_LOADED=loaded.txt python -m pytest -p tests.forked --nbval PAGE…
"""

from importlib.metadata import EntryPoint

from jupyter_client.provisioning import KernelProvisionerFactory

from surrogates.book import dependencies, kernels, sources
from surrogates.store.provenance import root

LOADED = "SURROGATES_TESTS_LOADED"
"""Environment variable with the path of a file to append the stored results to that a kernel loads."""

FORKED = EntryPoint("forked", f"{kernels.__name__}:Forked", KernelProvisionerFactory.GROUP_NAME)


def pytest_configure():
    offer()
    KernelProvisionerFactory.instance(default_provisioner_name=FORKED.name)
    kernels.imports.update(*map(dependencies.imported, sources.in_order(root() / "book")), ["tests.stored_only"])


def offer():
    """By the name "forked", to kernels that ask for it."""
    KernelProvisionerFactory.provisioners[FORKED.name] = FORKED
