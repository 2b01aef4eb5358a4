"""What happens to records before a backend's own steps see them."""
