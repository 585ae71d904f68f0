"""Accuracy and speed on recordings read by path: the only source of the numbers in the docs."""
