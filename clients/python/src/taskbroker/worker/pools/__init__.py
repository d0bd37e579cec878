"""Where tasks run: in processes, in threads, or on an event loop."""
