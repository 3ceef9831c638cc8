"""Pages: parameters, execution, rendering."""

__all__ = [
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
