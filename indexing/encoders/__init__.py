"""Image encoders that others published as ONNX files: read from a folder or fetched from a hub, checked, and run exactly."""
