"""Dates, times, numbers and money from the real Duckling engine in worker processes."""
