#include "apps/deploy/robot_state.h"

#include <algorithm>
#include <cmath>

namespace fleet::deploy {

std::array<double, 3> projected_gravity(const std::array<double, 4>& quaternion) {
  const auto [w, x, y, z] = quaternion;  // minus the third row of the rotation matrix
  return {-2.0 * (x * z - w * y), -2.0 * (y * z + w * x), -(w * w - x * x - y * y + z * z)};
}

double tilt(const std::array<double, 4>& quaternion) {
  return std::acos(std::clamp(-projected_gravity(quaternion)[2], -1.0, 1.0));
}

}  // namespace fleet::deploy
