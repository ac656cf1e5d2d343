"""Tests of the known-answer worlds, and of the statistics in them."""
