"""The assets, one module a stream: fetch, call logic, write, report."""
