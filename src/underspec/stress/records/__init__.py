"""Stress tests of health records and other series in steps; most take tables as well."""
