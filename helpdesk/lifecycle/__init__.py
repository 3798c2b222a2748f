"""Where each customer stands, why, and what an agent should do about it."""
