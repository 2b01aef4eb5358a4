"""What a user subclasses, and what runs it: the base class, its configuration, preprocessors, metrics, validation."""
