class Platform:
    def seed_devices(self, seed):
        self.seed = seed
