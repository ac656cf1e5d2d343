"""Images that do not fit into memory, trained for days and gone on with where they stopped."""
