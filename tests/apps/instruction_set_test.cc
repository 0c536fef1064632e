#include <cstdio>

// Linked with apps/instruction_set.cc, which ends the program before this.
int main() { std::puts("main() was reached"); }
