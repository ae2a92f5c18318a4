"""The what-if page in the browser: its server, who may see it, and what it shows."""
