#pragma once

#include <cstddef>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "cuda/field.h"

namespace fleet::test {

using SavedFields = std::map<std::string, std::vector<std::byte>>;

/// Copies fields, row by row.
inline SavedFields save(const Fields& fields) {
  SavedFields saved;
  for (const Field& field : fields) {
    std::vector<std::byte>& bytes = saved[field.name];
    for (std::int64_t row = 0; row < field.num_rows(); ++row) {
      bytes.insert(bytes.end(), field.row(row), field.row(row) + field.row_bytes());
    }
  }
  return saved;
}

/// Overwrites fields with what save() copied; throws on a name that was not saved.
inline void load(const SavedFields& saved, const Fields& fields) {
  for (const Field& field : fields) {
    const std::vector<std::byte>& bytes = saved.at(field.name);
    for (std::int64_t row = 0; row < field.num_rows() && !bytes.empty(); ++row) {
      std::memcpy(field.row(row), bytes.data() + static_cast<std::size_t>(row) * field.row_bytes(),
                  field.row_bytes());
    }
  }
}

}  // namespace fleet::test
