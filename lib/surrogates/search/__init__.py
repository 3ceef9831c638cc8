"""Searches for structures of low energy."""

from surrogates.search.on_surrogate import *  # noqa: F403
