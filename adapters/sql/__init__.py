"""Conversations, turns, invocations and catalogues in SQL (SQLAlchemy Core).

Every row carries its value whole, as a JSON document; the other columns exist to find, order and guard rows.
"""
