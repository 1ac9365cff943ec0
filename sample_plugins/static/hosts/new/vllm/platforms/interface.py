class Platform:
    def seed_devices(self, seed):
        self.seed = seed

    def get_helper_cls(self): ...
