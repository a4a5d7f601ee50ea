// An exception that nobody catches ends the program by SIGABRT.
#include <stdexcept>

int main() {
    throw std::runtime_error("nobody catches me");
}
