"""Nearness in meaning, where the extra `semantic` is installed."""
