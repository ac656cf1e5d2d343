"""Published sets of skin lesions, each as its own folder lies on disk."""
