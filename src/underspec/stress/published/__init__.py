"""Published sets in their published layouts, each a stress test."""
