#include "apps/motion_file.h"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

std::vector<std::vector<double>> load_motion(const std::string& file, int nq) {
  const auto arrays = files::load_npz(file);
  const auto found = arrays.find("qpos");
  if (found == arrays.end()) {
    throw FileError(file, "key 'qpos'", "is missing");
  }
  const files::Array& array = found->second;
  if (array.shape.size() != 3 || array.num_elements() == 0 || array.shape[2] != nq) {
    throw FileError(file, "key 'qpos'",
                    fmt::format("has shape ({}); expected (steps, num_envs, {})",
                                fmt::join(array.shape, ", "), nq));
  }
  const std::vector<double> values = array.values<double>();
  std::vector<std::vector<double>> qpos;
  const auto stride = array.shape[1] * array.shape[2];
  for (auto first = values.begin(); first != values.end(); first += stride) {
    qpos.emplace_back(first, first + nq);
    for (const double value : qpos.back()) {
      if (!std::isfinite(value)) {
        throw FileError(file, "key 'qpos'", "holds a value that is not finite");
      }
    }
  }
  return qpos;
}

}  // namespace fleet
