"""How well the whole chain measures, how fast it is, and what troubles it on this machine.

Virtual runners with known truth through network, refinement and coach (`hingecoach validate`); the same chain against
the clock beside bare MediaPipe (`bench_*`, `hingecoach bench`); and `checkup` (`hingecoach doctor`).
"""
