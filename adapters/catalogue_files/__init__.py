"""Catalogues from YAML files, with every problem named by file and line."""
