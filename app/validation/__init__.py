"""How well the whole chain measures: virtual runners with known truth, through the network, refinement and coach."""
