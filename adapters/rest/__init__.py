"""One way of calling servers over HTTP, for the networked adapters."""
