"""What customers' lives amount to in figures: keeping, worth, cost, conversion. Pure, on core alone."""
