import os

print(f'Hello from a jail: I am user {os.getuid()}, and I see {sorted(os.listdir("/proc"))[:3]} in /proc.')
