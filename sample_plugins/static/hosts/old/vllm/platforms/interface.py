class Platform:
    def seed_everything(self, seed):
        self.seed = seed
