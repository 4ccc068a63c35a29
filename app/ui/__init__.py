"""The window: Qt, and whatever is made of it. Only the command line, which opens it, imports Qt besides."""
