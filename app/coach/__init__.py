"""The coaching: what is measured, judged and said. Pure numpy: no Qt, no OpenCV, no files, no clocks."""
