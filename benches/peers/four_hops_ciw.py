"""Four hops of four cores at 50%, as in benches/simulate.rs, with Ciw: requests simulated per second."""

import time

import ciw

REQUESTS = 30_000
network = ciw.create_network(
    arrival_distributions=[ciw.dists.Exponential(2000), None, None, None],
    service_distributions=[ciw.dists.Exponential(1000)] * 4,
    number_of_servers=[4] * 4,
    routing=[[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0] * 4],
)
ciw.seed(1)
simulation = ciw.Simulation(network)
began = time.perf_counter()
simulation.simulate_until_max_customers(REQUESTS)
took = time.perf_counter() - began
print(f"Ciw {ciw.__version__}: {REQUESTS / took:.0f} requests/s")
