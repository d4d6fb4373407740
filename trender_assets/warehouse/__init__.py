"""The PostgreSQL warehouse: embed or connect, migrate, copy rows in, read back what is known."""
