"""Cache, locks and events inside one process."""
