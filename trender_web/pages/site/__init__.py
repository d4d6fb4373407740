"""The state of the process, and the files that browsers and search engines ask for by name."""
