class Batch:
    def __init__(self):
        self.size = 1
        self.order = []

    def reset(self):
        return self.size + len(self.order)
