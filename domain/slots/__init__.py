"""Values an intent needs, and where they come from."""
