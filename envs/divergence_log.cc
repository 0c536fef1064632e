#include "envs/divergence_log.h"

namespace fleet::envs {

void DivergenceLog::add(const Fields& rows) {
  const std::scoped_lock lock(mutex_);
  if (is_full()) {
    return;
  }
  if (count_ == 0) {
    columns_.clear();
    for (const Field& field : rows) {
      columns_.push_back({.field = field, .values = {}});
    }
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    for (std::int64_t row = 0; row < rows[i].num_rows(); ++row) {
      const std::byte* const first = rows[i].row(row);
      columns_[i].values.insert(columns_[i].values.end(), first, first + rows[i].row_bytes());
    }
  }
  ++count_;
}

Fields DivergenceLog::take() {
  const std::scoped_lock lock(mutex_);
  const int count = count_.exchange(0);
  Fields fields;
  for (Column& column : columns_) {
    if (count > 0) {
      Field field = column.field;
      field.shape.at(0) *= count;
      field.data = column.values.data();
      field.row_stride = field.row_bytes();
      fields.push_back(std::move(field));
    }
  }
  return fields;
}

}  // namespace fleet::envs
