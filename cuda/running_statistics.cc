#include "cuda/running_statistics.h"

#include <algorithm>
#include <bit>

#include "cuda/require.h"

namespace fleet::kernels {
namespace {

constexpr int kBlockRows = 128;

bool is_finite(std::span<const float> row) {
  std::uint32_t worst = 0;
  for (const float x : row) {
    worst = std::max(worst, std::bit_cast<std::uint32_t>(x) & 0x7FFFFFFFU);
  }
  return worst < 0x7F800000U;  // the bits of infinity; those of NaN are above
}

}  // namespace

RunningStatistics::RunningStatistics(int dim)
    : mean_(static_cast<std::size_t>(dim)),
      variance_(static_cast<std::size_t>(dim), 1.0),
      origin_(static_cast<std::size_t>(dim)) {}

void RunningStatistics::update(BatchView<const float> rows, ThreadPool& pool) {
  require(rows.num_columns() == dim(), "rows of another width");
  const int num_blocks = (rows.num_rows() + kBlockRows - 1) / kBlockRows;
  while (static_cast<int>(blocks_.size()) < num_blocks) {
    blocks_.push_back({.sum = mean_, .squares = mean_});
  }
  pool.parallel_for(num_blocks, [&](int index, int /*thread*/) {
    const int first = index * kBlockRows;
    sum_block(rows.rows(first, std::min(kBlockRows, rows.num_rows() - first)),
              blocks_[static_cast<std::size_t>(index)]);
  });
  std::ranges::copy(mean_, origin_.begin());
  double num_sound = 0.0;
  for (int index = 0; index < num_blocks; ++index) {
    const Block& block = blocks_[static_cast<std::size_t>(index)];
    merge(block, origin_);
    num_sound += block.count;
  }
  num_skipped_ += rows.num_rows() - static_cast<std::int64_t>(num_sound);
}

void RunningStatistics::sum_block(BatchView<const float> rows, Block& block) const {
  block.count = 0.0;
  std::ranges::fill(block.sum, 0.0);
  std::ranges::fill(block.squares, 0.0);
  for (int index = 0; index < rows.num_rows(); ++index) {
    const std::span<const float> row = rows.row(index);
    if (!is_finite(row)) {
      continue;
    }
    block.count += 1.0;
    for (std::size_t column = 0; column < row.size(); ++column) {
      const double deviation = double{row[column]} - mean_[column];
      block.sum[column] += deviation;
      block.squares[column] += deviation * deviation;
    }
  }
}

void RunningStatistics::merge(const Block& block, std::span<const double> origin) {
  if (block.count == 0.0) {
    return;
  }
  const double total = count_ + block.count;
  for (std::size_t column = 0; column < mean_.size(); ++column) {
    const double offset = block.sum[column] / block.count;  // of the block's mean from the origin
    const double block_squares = std::max(0.0, block.squares[column] - offset * block.sum[column]);
    const double delta = origin[column] + offset - mean_[column];
    const double squares =
        variance_[column] * count_ + block_squares + delta * delta * count_ * block.count / total;
    mean_[column] += delta * block.count / total;
    variance_[column] = squares / total;
  }
  count_ = total;
}

Fields RunningStatistics::fields(const std::string& prefix) {
  return {make_field(prefix + "mean", {dim()}, mean_.data()),
          make_field(prefix + "variance", {dim()}, variance_.data()),
          make_field(prefix + "count", {}, &count_),
          make_field(prefix + "num_skipped", {}, &num_skipped_)};
}

}  // namespace fleet::kernels
