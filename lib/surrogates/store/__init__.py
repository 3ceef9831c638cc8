"""Files that are whole or not there; what tells one thing from another; the store of results; provenance; progress.

No physics, no Keras. Modules are imported one by one, as progress is followed where nothing is installed yet.
"""
