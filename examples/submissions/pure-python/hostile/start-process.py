"""Starts a process and a thread."""
import os
import threading

try:
    os.fork()
    print("forked")
except OSError:
    print("no process")
try:
    threading.Thread(target=print, args=("threaded",)).start()
except RuntimeError:
    print("no thread")
