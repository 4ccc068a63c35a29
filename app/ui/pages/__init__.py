"""The screens that fill the window: review, history, settings, about."""
