#include "apps/view/world/history.h"

#include <algorithm>
#include <cstring>

namespace fleet::view {
namespace {

template <class T>
double number_at(const std::byte* row, std::int64_t column) {
  T value;
  std::memcpy(&value, row + static_cast<std::size_t>(column) * sizeof(T), sizeof(T));
  return static_cast<double>(value);
}

}  // namespace

History::History(const Fields& fields, std::size_t max_bytes, std::int64_t max_frames) {
  constexpr std::size_t kAlignment = 8;
  for (const Field& field : fields) {
    Place& place = places_.emplace_back(Place{.field = field, .offset = frame_size_});
    place.field.data = nullptr;
    frame_size_ += (field.num_bytes() + kAlignment - 1) / kAlignment * kAlignment;
  }
  const auto affordable =
      static_cast<std::int64_t>(max_bytes / std::max<std::size_t>(frame_size_, 1));
  capacity_ = std::max<std::int64_t>(2, std::min(affordable, max_frames));
  // Not initialised: the system gives pages when frames fill them.
  bytes_.reset(new std::byte[static_cast<std::size_t>(capacity_) * frame_size_]);
}

void History::push(const Fields& fields) {
  std::byte* const to = frame_bytes(end_);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Field& field = fields[i];
    for (std::int64_t row = 0; row < field.num_rows(); ++row) {
      std::memcpy(to + places_[i].offset + static_cast<std::size_t>(row) * field.row_bytes(),
                  field.row(row), field.row_bytes());
    }
  }
  ++end_;
  first_ = std::max(first_, end_ - capacity_);
}

void History::restore(std::int64_t frame, const Fields& fields) const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    for (std::int64_t row = 0; row < fields[i].num_rows(); ++row) {
      std::memcpy(fields[i].row(row), this->row(static_cast<int>(i), frame, row),
                  fields[i].row_bytes());
    }
  }
}

int History::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(places_, [&](const Place& place) { return place.field.name == name; });
  return found == places_.end() ? -1 : static_cast<int>(found - places_.begin());
}

const std::byte* History::row(int field, std::int64_t frame, std::int64_t row) const {
  const Place& place = places_[static_cast<std::size_t>(field)];
  return frame_bytes(frame) + place.offset +
         static_cast<std::size_t>(row) * place.field.row_bytes();
}

double History::value(int field, std::int64_t frame, std::int64_t row, std::int64_t column) const {
  const std::byte* const from = this->row(field, frame, row);
  switch (places_[static_cast<std::size_t>(field)].field.dtype) {
    case DType::kF32:
      return number_at<float>(from, column);
    case DType::kF64:
      return number_at<double>(from, column);
    case DType::kI32:
      return number_at<std::int32_t>(from, column);
    case DType::kI64:
      return number_at<std::int64_t>(from, column);
    case DType::kU8:
      return number_at<std::uint8_t>(from, column);
    case DType::kU64:
      return number_at<std::uint64_t>(from, column);
  }
  return 0.0;
}

}  // namespace fleet::view
