"""Synthetic data: made by us, of known make, and called synthetic wherever they show."""
