#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace fleet {

inline constexpr std::size_t kCacheLine = 64;  ///< bytes; also the widest vector register

template <typename T>
struct AlignedAllocator {
  using value_type = T;

  AlignedAllocator() = default;
  template <typename U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{kCacheLine}));
  }
  void deallocate(T* pointer, std::size_t /*count*/) {
    ::operator delete(pointer, std::align_val_t{kCacheLine});
  }
  bool operator==(const AlignedAllocator&) const { return true; }
};

/// A std::vector that begins at a cache line.
template <typename T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace fleet
