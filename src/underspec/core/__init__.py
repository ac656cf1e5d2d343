"""Records, registry, streams, store, events, errors: what every layer above may use."""
