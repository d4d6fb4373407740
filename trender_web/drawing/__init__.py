"""Charts as SVG text, drawn here from numbers and validated words.

Define a drawing here, one module per kind; it takes numbers and returns markup with every text
escaped. Where the numbers come from, and the table that says the same, belongs to the page.
"""
