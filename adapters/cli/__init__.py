"""Driving side: the `huiyi` command."""
