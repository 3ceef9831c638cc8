"""Pages: parameters, execution, rendering."""

__all__ = [
    "atoms",
    "command",
    "compare",
    "dependencies",
    "execution",
    "foot",
    "glue",
    "pages",
    "parameters",
    "rendering",
    "retrain",
    "settings",
    "sources",
]
