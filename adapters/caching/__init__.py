"""Ports answered from a cache first."""
