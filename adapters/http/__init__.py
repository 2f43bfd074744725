"""Driving side: the HTTP API (Litestar)."""
