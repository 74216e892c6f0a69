"""Azure AI Face v1.2, as far as this project speaks to it."""
