class Platform:
    def seed_everything(self, seed):
        self.seed = seed

    def get_helper_cls(self): ...
