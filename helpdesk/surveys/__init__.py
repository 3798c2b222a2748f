"""Asking how it went, after a resolution, and believing only a person's press."""
