"""Statistics over variants: arrays in, arrays and small records out; no I/O, no models."""
