"""Twilio's Create Message, as published."""
