"""What is built with Render."""
