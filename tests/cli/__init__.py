"""The command ``packflow``."""
