"""Pages: parameters, execution, rendering."""
