"""Function apps that the local host is tested with, and the means to run them."""
