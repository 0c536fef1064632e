#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "cuda/field.h"

namespace fleet {

/// A copy of the values of fields, to go back to.
class Snapshot {
 public:
  void take(const Fields& fields) {
    values_.resize(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      values_[i].resize(fields[i].num_bytes());
      for (std::int64_t row = 0; row < fields[i].num_rows(); ++row) {
        std::copy_n(fields[i].row(row), fields[i].row_bytes(), at(i, fields[i], row));
      }
    }
  }
  /// @param fields the same as were taken
  void put_back(const Fields& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      for (std::int64_t row = 0; row < fields[i].num_rows(); ++row) {
        std::copy_n(at(i, fields[i], row), fields[i].row_bytes(), fields[i].row(row));
      }
    }
  }

 private:
  std::byte* at(std::size_t i, const Field& field, std::int64_t row) {
    return values_[i].data() + static_cast<std::size_t>(row) * field.row_bytes();
  }

  std::vector<std::vector<std::byte>> values_;
};

}  // namespace fleet
