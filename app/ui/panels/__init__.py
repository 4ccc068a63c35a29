"""What stands beside the live picture: one panel for each live screen."""
