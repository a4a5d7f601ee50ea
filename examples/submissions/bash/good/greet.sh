# Greets everybody on standard input.
while read -r name; do echo "Hello, $name!"; done
