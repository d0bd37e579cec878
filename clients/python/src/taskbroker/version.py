"""Which version this is. What is installed knows it too, but a worker would load much to ask."""

VERSION = "0.1.0"
