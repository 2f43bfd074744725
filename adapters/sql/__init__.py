"""Conversations, turns, catalogues and invocations in SQL (SQLAlchemy Core)."""
