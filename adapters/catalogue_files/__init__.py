"""Catalogues in YAML files, with errors that name file and line."""
