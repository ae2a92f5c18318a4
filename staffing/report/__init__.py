"""What people look at: tables, pictures, pages and the files of a plan."""
