"""Cache, locks and events on Redis: a server, one that sentinels watch, or a cluster."""
