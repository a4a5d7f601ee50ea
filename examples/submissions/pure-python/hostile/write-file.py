"""Writes where it can."""
for folder in ("/work", "/tmp", "/dev/shm", "/"):
    try:
        open(f"{folder}/mine.txt", "w").close()
        print("wrote in", folder)
    except OSError:
        pass
print("read-only")
