class Registry:
    def register_model(self, name, model): ...


ModelRegistry = Registry()


class OldModel: ...


class Model: ...
