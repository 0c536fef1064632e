#include "apps/divergence_dump.h"

#include <algorithm>
#include <cstring>

#include "apps/files/file_error.h"

namespace fleet {

using files::FileError;

DivergenceDump::DivergenceDump(const std::string& file) : reader_(file) {
  num_worlds_ = static_cast<int>(reader_.values<std::int32_t>("env").size());
  if (num_worlds_ == 0) {
    throw FileError(file, "key 'env'", "names no world; expected one or more");
  }
}

RunConfig DivergenceDump::config() const {
  const auto& metadata = reader_.header().metadata;
  const auto found = metadata.find("config");
  if (found == metadata.end()) {
    throw FileError(reader_.path(), "key 'config'", "is missing in the metadata");
  }
  return parse_run_config(found->second, reader_.path() + ", key 'config'");
}

envs::EnvConfig DivergenceDump::config_of_one(envs::EnvConfig config, int world) const {
  config.options.num_envs = config.options.num_threads = 1;
  config.options.first_env = value<std::int32_t>("env", world);
  return config;
}

/// Fills a field of an env's, which has as many rows as each world has here.
void DivergenceDump::read(const Field& field, int world) const {
  Field all = field;
  all.shape.at(0) *= num_worlds_;
  all.row_stride = all.row_bytes();
  std::vector<std::byte> values(all.num_bytes());
  all.data = values.data();
  reader_.read(all);
  for (std::int64_t row = 0; row < field.num_rows(); ++row) {
    std::memcpy(field.row(row), all.row(world * field.num_rows() + row), field.row_bytes());
  }
}

void DivergenceDump::load(int world, envs::BatchEnv& env) const {
  for (const Field& field : env.state()) {
    if (!field.name.starts_with("env/totals/")) {  // what was earned changes nothing
      read(field, world);
    }
  }
  env.restore();
  for (const Field& field : env.models()) {
    read(field, world);
  }
  env.restore_models();
}

std::vector<float> DivergenceDump::action(int world, const envs::EnvSpec& spec) const {
  std::vector<double> action(static_cast<std::size_t>(spec.num_players) *
                             static_cast<std::size_t>(spec.action_dim));
  read(make_field("action", {spec.num_players, spec.action_dim}, action.data()), world);
  std::vector<float> rounded(action.size());
  std::ranges::transform(action, rounded.begin(), [](double x) { return static_cast<float>(x); });
  return rounded;
}

}  // namespace fleet
