"""What the members of a platform class do, and how it says no."""
