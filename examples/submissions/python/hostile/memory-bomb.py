"""Takes memory and touches it, for ever."""
hoard = []
while True:
    hoard.append(bytearray(b"x" * 4_000_000))
