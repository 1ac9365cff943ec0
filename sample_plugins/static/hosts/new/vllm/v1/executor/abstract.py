class Executor:
    def collective_rpc(self, method): ...

    def free_memory(self):
        return self.collective_rpc("free_memory")
