"""What readers get, and what their way through the help centre teaches."""
