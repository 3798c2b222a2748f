"""The demo company, generated with known truth, and bulk data for measuring."""
