"""What can be wrong, by the stage at which it is judged."""
