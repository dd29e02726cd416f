"""What all clients share; nothing here is public."""
