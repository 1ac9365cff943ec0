"""What a plugin registers: communicator, adapters, quantization methods, models."""
