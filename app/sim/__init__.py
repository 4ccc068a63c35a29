"""The virtual runner: kinematics with known truth, and a renderer the real pose network sees."""
