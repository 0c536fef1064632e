#pragma once

#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cuda/batch_view.h"

namespace fleet {

/// Throws std::invalid_argument naming the caller's file and line: for misuse by callers of ours.
inline void require(bool condition, std::string_view problem,
                    const std::source_location& where = std::source_location::current()) {
  if (!condition) {
    throw std::invalid_argument(std::string(where.file_name()) + ':' +
                                std::to_string(where.line()) + ": " + std::string(problem));
  }
}

/// @throws std::invalid_argument if `view` is not (num_rows, num_columns).
template <typename T>
void require_shape(std::string_view name, BatchView<T> view, int num_rows, int num_columns,
                   const std::source_location& where = std::source_location::current()) {
  if (view.num_rows() != num_rows || view.num_columns() != num_columns) {
    require(false,
            std::string(name) + " is (" + std::to_string(view.num_rows()) + ", " +
                std::to_string(view.num_columns()) + "), expected (" + std::to_string(num_rows) +
                ", " + std::to_string(num_columns) + ")",
            where);
  }
}

}  // namespace fleet
