"""Who must be there: staffing, plans, reports and the command line."""
