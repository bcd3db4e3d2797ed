"""Help: what one can do, how to type it, and a tour for whoever is new."""
