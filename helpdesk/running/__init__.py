"""Keeping the house running: the worker, the servers, health, backups."""
