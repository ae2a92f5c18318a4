"""What arrives: histories, calendars and forecasts of contacts."""
