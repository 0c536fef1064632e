#pragma once

namespace fleet::test {

/// Calls of operator new so far, by all threads of a program that links allocations.cc.
long num_allocations();

}  // namespace fleet::test
