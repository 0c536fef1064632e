#pragma once

#include <bit>
#include <cstddef>
#include <span>

#include "cuda/field.h"

namespace fleet::files {

static_assert(std::endian::native == std::endian::little,
              "every format here is little-endian, and fields are written as they lie in memory");

/// Calls visit(std::span<std::byte>) for the bytes of a field in order: once if they lie together,
/// row by row if they do not.
template <typename Visit>
void for_each_block(const Field& field, Visit&& visit) {
  if (field.num_bytes() == 0) {
    return;
  }
  if (field.is_contiguous()) {
    visit(std::span(field.data, field.num_bytes()));
    return;
  }
  for (std::int64_t row = 0; row < field.num_rows(); ++row) {
    visit(std::span(field.row(row), field.row_bytes()));
  }
}

}  // namespace fleet::files
