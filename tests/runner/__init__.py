"""The runner, and the sources and sinks round it."""
