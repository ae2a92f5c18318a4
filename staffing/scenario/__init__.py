"""What if: changed inputs, the same steps, and what differs."""
