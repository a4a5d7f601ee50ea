"""Writes for ever."""
import sys

while True:
    sys.stdout.write("spam " * 10_000)
