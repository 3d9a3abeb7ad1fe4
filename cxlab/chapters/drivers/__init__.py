"""What goes with satisfaction."""
