"""What the server says of itself: its log. Nothing here is needed to move a run."""
