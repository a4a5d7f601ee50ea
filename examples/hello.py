import os

try:
    seen = sorted(os.listdir('/proc'))[:3]
except PermissionError:
    seen = 'nothing'
print(f'Hello from a jail: I am user {os.getuid()}, and I see {seen} in /proc.')
