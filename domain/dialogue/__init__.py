"""The conversation: state, events, effects, and the machine between them."""
