"""Labelling by hand: a page in the browser that shows exact frames and takes one key press each."""
