"""What the data lets us say to others, and the pictures that say it; no dagster, no database."""
