"""Images on disk: found in published layouts, decoded when they are needed."""
