"""What goes in and out, noun by noun: the words of the contract, checked and documented from one place."""
