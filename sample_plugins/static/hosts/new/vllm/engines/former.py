class FormerRunner:
    def carry_out(self, job=None): ...

    def wind_down(self, *, force=False): ...

    def loop(self):
        self.carry_out(job=None)
        self.wind_down(force=True)
