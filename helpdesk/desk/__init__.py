"""The agent's screens, where what the rooms know is read together."""
