"""Files that are whole or not there, the store of results, provenance, progress. No physics, no Keras."""
