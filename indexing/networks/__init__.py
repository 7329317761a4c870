"""The networks: what makes a vector of a picture. Nothing here imports TensorFlow."""
