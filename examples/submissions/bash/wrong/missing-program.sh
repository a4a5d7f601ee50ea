# Starts a program that does not exist: exit code 127, the program's own doing.
no-such-program --at-all
