"""Texts from outside, made fit for a terminal."""

import unicodedata


def harmless(text: str) -> str:
    """A text from outside without characters that steer a terminal; line breaks stay."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")


def one_line(text: str) -> str:
    """A message for one line of standard error: the first of several lines, and how many more there are."""
    first, *more = [line.strip() for line in harmless(text).splitlines() if line.strip()] or ["unknown error"]
    return f"{first} (and {len(more)} more)" if more else first
