"""One transcript from media to result: which stages, in what order, what is saved between them."""
