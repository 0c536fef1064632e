#pragma once

#include <string>
#include <vector>

#include "apps/view/world/worlds.h"

namespace fleet::view {

/// Positions from a file that `fleet play --save` or `fleet rollout` wrote; nothing is simulated.
class Recording final : public Worlds {
 public:
  /// @param nq of the model that is shown  @throws files::FileError if the file does not fit it
  Recording(const std::string& file, int nq, double control_period);

  int num_envs() const override { return 1; }
  double control_period() const override { return control_period_; }
  std::int64_t first_frame() const override { return 0; }
  std::int64_t last_frame() const override { return static_cast<std::int64_t>(qpos_.size()) - 1; }
  std::int64_t frame() const override { return frame_; }
  void seek(std::int64_t frame) override;
  bool step() override;
  void pose(int env, mjModel& model, mjData& data) const override;
  std::span<const double> qpos(int env, std::int64_t frame) const override;

 private:
  double control_period_;
  std::vector<std::vector<double>> qpos_;
  std::int64_t frame_ = 0;
};

}  // namespace fleet::view
