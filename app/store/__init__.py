"""What is kept on disk: exports, asset lookup, user folders, atomic writing."""
