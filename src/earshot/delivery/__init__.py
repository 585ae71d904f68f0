"""Telling the customer: signed webhooks and their attempts."""
