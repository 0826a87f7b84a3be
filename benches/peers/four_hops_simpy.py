"""Four hops of four cores at 50%, as in benches/simulate.rs, with SimPy: requests simulated per second."""

import random
import time

import simpy

REQUESTS = 100_000
random.seed(1)
env = simpy.Environment()
stations = [simpy.Resource(env, 4) for _ in range(4)]
times = []


def request():
    began = env.now
    for station in stations:
        with station.request() as core:
            yield core
            yield env.timeout(random.expovariate(1000))
    times.append(env.now - began)


def arrivals():
    for _ in range(REQUESTS):
        yield env.timeout(random.expovariate(2000))
        env.process(request())


began = time.perf_counter()
env.process(arrivals())
env.run()
took = time.perf_counter() - began
times.sort()
print(f"SimPy {simpy.__version__}: {REQUESTS / took:.0f} requests/s, p99 {times[int(0.99 * len(times))] * 1e3:.2f} ms")
