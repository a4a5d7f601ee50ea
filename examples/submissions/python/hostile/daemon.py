"""Leaves a daemon behind that keeps standard output open."""
import os
import time

print("parent leaves", flush=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(3600)
    os._exit(0)
