#include "cuda/normaliser.h"

#include <algorithm>
#include <cmath>

#include "cuda/require.h"

namespace fleet::kernels {

ObservationNormaliser::ObservationNormaliser(int dim, const NormaliserConfig& config)
    : config_(config),
      statistics_(dim),
      mean_(static_cast<std::size_t>(dim)),
      scale_(static_cast<std::size_t>(dim), 1.0F) {
  if (config.clip > 0.0) {
    clip_ = static_cast<float>(config.clip);
  }
  refresh();
}

void ObservationNormaliser::update(BatchView<const float> rows, ThreadPool& pool) {
  if (config_.enabled) {
    statistics_.update(rows, pool);
    refresh();
  }
}

void ObservationNormaliser::refresh() {
  if (!config_.enabled) {
    return;
  }
  for (std::size_t i = 0; i < mean_.size(); ++i) {
    mean_[i] = static_cast<float>(statistics_.mean()[i]);
    scale_[i] = static_cast<float>(1.0 / (std::sqrt(statistics_.variance()[i]) + config_.epsilon));
  }
}

void ObservationNormaliser::apply(std::span<const float> in, float* out) const {
  constexpr float kLargest = std::numeric_limits<float>::max();
  const float* __restrict from = in.data();
  const float* __restrict mean = mean_.data();
  const float* __restrict scale = scale_.data();
  float* __restrict to = out;
  const float clip = clip_;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const float x = (from[i] - mean[i]) * scale[i];
    const float clipped = std::max(-clip, std::min(clip, x));
    to[i] = std::abs(from[i]) <= kLargest ? clipped : 0.0F;  // false for NaN
  }
}

ReturnNormaliser::ReturnNormaliser(int num_rows, const Config& config)
    : config_(config), statistics_(1), running_(static_cast<std::size_t>(num_rows)) {}

void ReturnNormaliser::normalise(std::span<float> reward,
                                 std::span<const std::uint8_t> episode_ends, ThreadPool& pool) {
  require(reward.size() == running_.size() && episode_ends.size() == running_.size(),
          "rewards of another batch");
  const auto gamma = static_cast<float>(config_.gamma);
  for (std::size_t row = 0; row < running_.size(); ++row) {
    running_[row] = running_[row] * gamma + reward[row];
  }
  statistics_.update({running_.data(), static_cast<int>(running_.size()), 1}, pool);
  const double scale = 1.0 / std::sqrt(statistics_.variance()[0] + config_.epsilon);
  const double clip = config_.clip > 0.0 ? config_.clip : std::numeric_limits<float>::max();
  for (std::size_t row = 0; row < running_.size(); ++row) {
    reward[row] = static_cast<float>(std::clamp(reward[row] * scale, -clip, clip));
    running_[row] = episode_ends[row] != 0 ? 0.0F : running_[row];
  }
}

void ReturnNormaliser::start() { std::ranges::fill(running_, 0.0F); }

Fields ReturnNormaliser::fields(const std::string& prefix) {
  Fields fields = statistics_.fields(prefix);
  fields.push_back(make_field(prefix + "running", {static_cast<std::int64_t>(running_.size())},
                              running_.data()));
  return fields;
}

}  // namespace fleet::kernels
