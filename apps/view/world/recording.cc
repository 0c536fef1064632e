#include "apps/view/world/recording.h"

#include <algorithm>

#include "apps/motion_file.h"

namespace fleet::view {

Recording::Recording(const std::string& file, int nq, double control_period)
    : control_period_(control_period), qpos_(load_motion(file, nq)) {}

void Recording::seek(std::int64_t frame) {
  frame_ = std::clamp(frame, first_frame(), last_frame());
}

bool Recording::step() {
  if (frame_ == last_frame()) {
    return false;
  }
  ++frame_;
  return true;
}

/// Velocities are not in the file: they are those from one frame to the next.
void Recording::pose(int /*env*/, mjModel& model, mjData& data) const {
  const std::span<const double> now = qpos(0, frame_);
  const std::span<const double> next = qpos(0, std::min(frame_ + 1, last_frame()));
  mju_copy(data.qpos, now.data(), static_cast<int>(model.nq));
  mj_differentiatePos(&model, data.qvel, control_period_, now.data(), next.data());
  data.time = static_cast<double>(frame_) * control_period_;
  mj_forward(&model, &data);
}

std::span<const double> Recording::qpos(int /*env*/, std::int64_t frame) const {
  return qpos_[static_cast<std::size_t>(frame)];
}

}  // namespace fleet::view
