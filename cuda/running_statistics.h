#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cuda/batch_view.h"
#include "cuda/field.h"
#include "cuda/thread_pool.h"

namespace fleet::kernels {

/// Mean and variance per column of all rows seen so far, in double.
///
/// Blocks of rows are merged in order by Chan's formula (Chan, Golub, LeVeque, 1979), so the result
/// does not depend on threads. A row that holds a NaN or an infinity is left out and counted.
class RunningStatistics {
 public:
  explicit RunningStatistics(int dim);

  /// @param rows (n, dim)
  void update(BatchView<const float> rows, ThreadPool& pool);

  int dim() const { return static_cast<int>(mean_.size()); }
  std::span<const double> mean() const { return mean_; }
  std::span<const double> variance() const { return variance_; }  ///< divided by the count
  double count() const { return count_; }
  std::int64_t num_skipped() const { return num_skipped_; }

  Fields fields(const std::string& prefix);

 private:
  struct Block {
    double count = 0.0;
    std::vector<double> sum;      // (dim) of x - mean_
    std::vector<double> squares;  // (dim) of (x - mean_)^2
  };

  void sum_block(BatchView<const float> rows, Block& block) const;
  void merge(const Block& block, std::span<const double> origin);

  std::vector<double> mean_;      // (dim)
  std::vector<double> variance_;  // (dim)
  double count_ = 1e-4;           // as if a little of N(0, 1) had been seen
  std::int64_t num_skipped_ = 0;
  std::vector<double> origin_;  // (dim) mean_ at the start of an update
  std::vector<Block> blocks_;
};

}  // namespace fleet::kernels
