"""Ports that try a second part when the first fails."""
