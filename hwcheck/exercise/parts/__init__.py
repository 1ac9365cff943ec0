"""What a platform names: worker, attention, graph wrapper, compiler, connectors."""
