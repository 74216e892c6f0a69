"""Archives of visits and reports for spreadsheets."""
