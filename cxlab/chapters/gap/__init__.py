"""What management believes, what customers say, and whether the service is as designed."""
