"""Lets four threads work on one answer."""
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(lambda number: number * number, range(100))))
