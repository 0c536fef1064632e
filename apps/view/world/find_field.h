#pragma once

#include <algorithm>
#include <string_view>

#include "cuda/field.h"

namespace fleet::view {

/// The field of this name; null: there is none.
inline const Field* find_field(const Fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace fleet::view
