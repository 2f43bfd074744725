"""Logs, metrics and traces as decorators around ports and use cases."""
