#pragma once

#include <cstddef>

#include "cuda/host_device.h"

namespace fleet::physics {

/// Numbers in memory that somebody else owns. A constant array's numbers are constant, and it
/// cannot be assigned: what would change is not the numbers.
template <class T>
class Array {
 public:
  Array() = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  FLEET_HD void bind(T* data, int size) {
    data_ = data;
    size_ = size;
  }

  FLEET_HD T& operator[](std::ptrdiff_t i) { return data_[i]; }
  FLEET_HD const T& operator[](std::ptrdiff_t i) const { return data_[i]; }
  FLEET_HD T* data() { return data_; }
  FLEET_HD const T* data() const { return data_; }
  FLEET_HD T* begin() { return data_; }
  FLEET_HD const T* begin() const { return data_; }
  FLEET_HD T* end() { return data_ + size_; }
  FLEET_HD const T* end() const { return data_ + size_; }
  FLEET_HD std::size_t size() const { return static_cast<std::size_t>(size_); }
  FLEET_HD bool empty() const { return size_ == 0; }

 private:
  T* data_ = nullptr;
  int size_ = 0;
};

/// Cuts arrays off a block of memory, one after the other. Without memory it only counts.
class ArrayBlock {
 public:
  static constexpr std::size_t kAlignment = 64;  ///< bytes: a cache line

  FLEET_HD explicit ArrayBlock(std::byte* memory = nullptr, std::size_t alignment = kAlignment)
      : memory_(memory), alignment_(alignment) {}

  template <class T>
  FLEET_HD void take(Array<T>& array, std::ptrdiff_t size) {
    array.bind(memory_ == nullptr ? nullptr : reinterpret_cast<T*>(memory_ + used_),
               static_cast<int>(size));
    const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(T);
    used_ += (bytes + alignment_ - 1) / alignment_ * alignment_;
  }
  FLEET_HD std::size_t used() const { return used_; }  ///< bytes

 private:
  std::byte* memory_;
  std::size_t alignment_;
  std::size_t used_ = 0;
};

}  // namespace fleet::physics
