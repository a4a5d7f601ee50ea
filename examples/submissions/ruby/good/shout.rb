# Prints standard input in capitals.
puts $stdin.read.upcase
