"""The commands of `trender`, one module each; `cli` assembles them."""
