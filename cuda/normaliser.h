#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "cuda/running_statistics.h"

namespace fleet::kernels {

struct NormaliserConfig {
  bool enabled = true;    ///< false: rows pass through, apart from what is not finite
  double epsilon = 0.01;  ///< added to the standard deviation
  double clip = 0.0;      ///< bound on what comes out; 0: none
};

/// Turns observations into what a network is fed: (x - mean) / (std + epsilon).
///
/// What is not finite becomes 0, the mean, so that a network never sees it.
class ObservationNormaliser {
 public:
  ObservationNormaliser(int dim, const NormaliserConfig& config);

  /// Learns from rows (n, dim); does nothing if disabled.
  void update(BatchView<const float> rows, ThreadPool& pool);

  /// @param in, out (dim)
  void apply(std::span<const float> in, float* out) const;

  /// Call after fields() have been overwritten.
  void restore() { refresh(); }

  const RunningStatistics& statistics() const { return statistics_; }
  std::span<const float> mean() const { return mean_; }    ///< (dim) zeros if disabled
  std::span<const float> scale() const { return scale_; }  ///< (dim) ones if disabled
  float clip() const { return clip_; }                     ///< the largest float: none
  Fields fields(const std::string& prefix) { return statistics_.fields(prefix); }

 private:
  void refresh();

  NormaliserConfig config_;
  RunningStatistics statistics_;
  std::vector<float> mean_;   // (dim)
  std::vector<float> scale_;  // (dim)
  float clip_ = std::numeric_limits<float>::max();
};

/// Scales rewards by the spread of the discounted return, as Gymnasium's NormalizeReward does.
class ReturnNormaliser {
 public:
  struct Config {
    double gamma = 0.99;
    double epsilon = 1e-8;  ///< added to the variance
    double clip = 10.0;     ///< bound on what comes out; 0: none
  };

  ReturnNormaliser(int num_rows, const Config& config);

  /// Adds one step to the statistics and scales it in place; a finite reward only.
  /// @param reward (num_rows)  @param episode_ends (num_rows) 0 or 1
  void normalise(std::span<float> reward, std::span<const std::uint8_t> episode_ends,
                 ThreadPool& pool);

  void start();  ///< forgets the returns under way, keeps the statistics
  Fields fields(const std::string& prefix);

 private:
  Config config_;
  RunningStatistics statistics_;  // of one column
  std::vector<float> running_;    // (num_rows) discounted return so far
};

}  // namespace fleet::kernels
