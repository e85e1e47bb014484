"""What goes with a film: its words beside the picture, and what it was made of."""
