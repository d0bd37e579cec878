"""As much of arroyo as a producer needs, in memory."""
