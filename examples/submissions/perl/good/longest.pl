# Prints the longest line of standard input.
use strict;
use warnings;

my $longest = '';
while (my $line = <STDIN>) {
    chomp $line;
    $longest = $line if length $line > length $longest;
}
print "$longest\n";
