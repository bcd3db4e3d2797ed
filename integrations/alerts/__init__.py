"""Alert sources: each turns one sender's webhook into signals."""
