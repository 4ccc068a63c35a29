"""Frame sources with true times: webcam, video file, virtual runner, landmark files."""
