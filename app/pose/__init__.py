"""From images to landmarks: the estimator port, two networks behind it, the refinement, the model's provisioning."""
