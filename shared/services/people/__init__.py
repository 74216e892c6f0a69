"""What is kept of a person: who they are, their templates, their second factors."""
