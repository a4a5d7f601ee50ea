"""Fails with an exception: exit code 1 and a traceback."""
grades = {"ada": 5}
print(grades["bob"])
