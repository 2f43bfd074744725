"""Settings, wiring and life cycle: the only place that names concrete adapters."""
