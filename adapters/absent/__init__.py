"""Parts that are not configured, and say so."""
