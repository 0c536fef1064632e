#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cuda/field.h"

namespace fleet::view {

/// The last frames of a list of fields: to go back to, and to plot.
class History {
 public:
  /// @param fields names, types and shapes of what every frame holds
  /// @param max_bytes of memory; at least two frames are kept whatever their size
  History(const Fields& fields, std::size_t max_bytes, std::int64_t max_frames);

  std::int64_t first() const { return first_; }
  std::int64_t last() const { return end_ - 1; }  ///< before the first push(): -1
  std::int64_t capacity() const { return capacity_; }

  /// Keeps the fields as frame last() + 1; the oldest frame goes where there is no room.
  void push(const Fields& fields);
  /// Writes a frame that is kept back into the fields.
  void restore(std::int64_t frame, const Fields& fields) const;
  /// The frames after this one are forgotten.
  void forget_after(std::int64_t frame) { end_ = frame + 1; }

  /// Where a field is, for value(); -1: there is none of this name.
  int find(std::string_view name) const;
  /// One number of a field in a frame that is kept.
  double value(int field, std::int64_t frame, std::int64_t row, std::int64_t column) const;
  /// The row of a field in a frame that is kept.
  const std::byte* row(int field, std::int64_t frame, std::int64_t row) const;

 private:
  struct Place {
    Field field;             // without memory
    std::size_t offset = 0;  // bytes, in a frame
  };

  std::byte* frame_bytes(std::int64_t frame) const {
    return bytes_.get() + static_cast<std::size_t>(frame % capacity_) * frame_size_;
  }

  std::vector<Place> places_;
  std::size_t frame_size_ = 0;
  std::int64_t capacity_ = 0;
  std::int64_t first_ = 0;
  std::int64_t end_ = 0;
  std::unique_ptr<std::byte[]> bytes_;  // (capacity_ x frame_size_), a ring
};

}  // namespace fleet::view
