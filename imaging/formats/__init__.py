"""One reader a picture format: what its bytes state, without decoding them."""
