#pragma once

#include <cassert>
#include <concepts>
#include <cstddef>
#include <span>

#include "cuda/host_device.h"

namespace fleet {

/// A non-owning, row-major matrix: one field of a whole batch. Passed by value.
///
/// It does not say whether its memory is the host's or the device's: the function that takes it
/// does, by taking a stream (device) or none (host).
template <typename T>
class BatchView {
 public:
  BatchView() = default;
  FLEET_HD BatchView(T* data, int num_rows, int num_columns)
      : data_(data), num_rows_(num_rows), num_columns_(num_columns) {}

  /// Adds const, never takes it away.
  template <typename U>
    requires std::same_as<T, const U>
  FLEET_HD BatchView(BatchView<U> other)  // NOLINT(google-explicit-constructor)
      : BatchView(other.data(), other.num_rows(), other.num_columns()) {}

  FLEET_HD T& operator()(int row, int column) const {
    assert(row >= 0 && row < num_rows_ && column >= 0 && column < num_columns_);
    return data_[offset(row) + static_cast<std::size_t>(column)];
  }

  std::span<T> row(int i) const {
    return {data_ + offset(i), static_cast<std::size_t>(num_columns_)};
  }

  /// Rows [first, first + count) as a view of their own.
  BatchView rows(int first, int count) const {
    assert(first >= 0 && count >= 0 && first + count <= num_rows_);
    return {data_ + offset(first), count, num_columns_};
  }

  FLEET_HD T* data() const { return data_; }
  FLEET_HD int num_rows() const { return num_rows_; }
  FLEET_HD int num_columns() const { return num_columns_; }
  FLEET_HD std::size_t size() const { return offset(num_rows_); }

 private:
  FLEET_HD std::size_t offset(int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(num_columns_);
  }

  T* data_ = nullptr;
  int num_rows_ = 0;
  int num_columns_ = 0;
};

}  // namespace fleet
