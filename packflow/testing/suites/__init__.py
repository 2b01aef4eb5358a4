"""The conformance suites: `base` has what they share, and each kind of plugin has a module, or a few, of its own."""
