"""Readers of contact-centre exports: each gives the history table."""
