"""The HTTP server: requests, limits, latencies, faults."""
