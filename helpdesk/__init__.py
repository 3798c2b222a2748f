"""Helpdesk: customer support that knows where each customer stands."""

import gc

__version__ = "0.1.0"

# Imports and requests make many objects and hardly a circle of them; to look for circles at every 700
# objects, as Python does, took a seventh of the start.
gc.set_threshold(10_000, 20, 20)
