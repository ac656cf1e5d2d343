"""Stress tests of tables, and of records, which are a table a step."""
