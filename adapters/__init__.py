"""Everything outside the core: driving sides and driven parts, none of which sees another."""
