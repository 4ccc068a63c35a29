"""From images to landmarks: the estimator port, the MediaPipe adapter, the model's provisioning."""
