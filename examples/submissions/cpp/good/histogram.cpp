// Counts the letters of standard input.
#include <iostream>
#include <map>

int main() {
    std::map<char, int> counts;
    for (char letter; std::cin >> letter;) ++counts[letter];
    for (const auto &[letter, count] : counts) std::cout << letter << ' ' << count << '\n';
}
