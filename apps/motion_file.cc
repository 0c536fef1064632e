#include "apps/motion_file.h"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mujoco/mujoco.h>

#include "apps/files/file_error.h"
#include "apps/files/npy.h"

namespace fleet {

using files::FileError;

void save_motion(const std::string& file, const Motion& motion) {
  std::vector<double> values;
  for (const std::vector<double>& qpos : motion.qpos) {
    values.insert(values.end(), qpos.begin(), qpos.end());
  }
  const auto steps = static_cast<std::int64_t>(motion.qpos.size());
  const auto nq = steps > 0 ? static_cast<std::int64_t>(motion.qpos[0].size()) : 0;
  files::save_npz(file, {make_field("qpos", {steps, 1, nq}, values.data())});
}

namespace {

/// @throws FileError unless it is (steps, num_envs, nq), of numbers that MuJoCo takes
void require_motion(const files::Array& array, int nq, const std::string& file) {
  const auto check = [&](bool holds, const std::string& problem) {
    if (!holds) {
      throw FileError(file, "key 'qpos'", problem);
    }
  };
  check(array.shape.size() == 3 && array.num_elements() > 0 && array.shape[2] == nq,
        fmt::format("has shape ({}); expected (steps, num_envs, {})", fmt::join(array.shape, ", "),
                    nq));
  check(array.dtype == DType::kF32 || array.dtype == DType::kF64,
        fmt::format("holds {}; expected float32 or float64", name_of(array.dtype)));
}

}  // namespace

std::vector<std::vector<double>> load_motion(const std::string& file, int nq) {
  const auto arrays = files::load_npz(file);
  const auto found = arrays.find("qpos");
  if (found == arrays.end()) {
    throw FileError(file, "key 'qpos'", "is missing");
  }
  const files::Array& array = found->second;
  require_motion(array, nq, file);
  const std::vector<double> values = array.values<double>();
  std::vector<std::vector<double>> qpos;
  const auto stride = array.shape[1] * array.shape[2];
  for (auto first = values.begin(); first != values.end(); first += stride) {
    qpos.emplace_back(first, first + nq);
    for (const double value : qpos.back()) {
      if (!(std::abs(value) <= mjMAXVAL)) {  // as MuJoCo checks a state
        throw FileError(file, "key 'qpos'",
                        fmt::format("holds a value that is not finite, or beyond {:g}, in step {}",
                                    mjMAXVAL, qpos.size() - 1));
      }
    }
  }
  return qpos;
}

}  // namespace fleet
