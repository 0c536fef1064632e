#pragma once

#include <string>
#include <vector>

namespace fleet {

/// Where an env's bodies were after each control step.
struct Motion {
  double control_period = 0.0;            ///< s
  std::vector<std::vector<double>> qpos;  ///< (steps, nq)
};

/// Writes qpos (steps, 1, nq) as an .npz that load_motion() and Python read.
/// @throws files::FileError
void save_motion(const std::string& file, const Motion& motion);

/// The positions of env 0 in what save_motion() or `fleet rollout` wrote.
/// @param nq of the model that is to be seen  @throws files::FileError if they do not fit it
std::vector<std::vector<double>> load_motion(const std::string& file, int nq);

}  // namespace fleet
