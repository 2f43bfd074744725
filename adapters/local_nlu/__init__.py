"""Recognition of intents in this process, from a few examples each."""
