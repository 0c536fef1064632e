#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

#include "cuda/field.h"

namespace fleet::envs {

/// Keeps the first few worlds that diverged since the last take(): enough to replay each.
class DivergenceLog {
 public:
  /// Whether further worlds are only counted.
  bool is_full() const { return count_.load() >= kCapacity; }

  /// Copies what is known of one world: the same fields each time, with as many rows. May be called
  /// from several threads; it allocates, as nothing does while worlds are sound.
  void add(const Fields& rows);

  /// The fields of all worlds that were added, one after the other; none: an empty list. The memory
  /// is overwritten by later divergences.
  Fields take();

 private:
  static constexpr int kCapacity = 16;

  struct Column {
    Field field;                    // as the first world had it
    std::vector<std::byte> values;  // (count_ x num_rows, row_size)
  };

  std::mutex mutex_;
  std::atomic<int> count_{0};
  std::vector<Column> columns_;
};

/// The rows of env `env` of `num_envs`, in a field that has as many for each.
inline Field rows_of(const Field& field, int env, int num_envs) {
  Field rows = field;
  rows.shape.at(0) = field.num_rows() / num_envs;
  rows.data = field.row(env * rows.num_rows());
  return rows;
}

}  // namespace fleet::envs
