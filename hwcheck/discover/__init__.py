"""Discovery: plugins in an environment, a wheel or a source tree, found without importing them."""
