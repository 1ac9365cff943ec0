"""What an engine on the plugin generates, and the models and the reference to judge it by."""
