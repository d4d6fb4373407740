"""What is rising: sources, readings, detection, assets and checks."""
