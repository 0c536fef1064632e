#include "apps/view/world/policy_file.h"

#include <charconv>

#include "apps/files/checkpoint.h"
#include "apps/files/file_error.h"
#include "apps/files/safetensors.h"
#include "apps/run_folder.h"
#include "apps/session.h"

namespace fleet::view {
namespace {

/// A whole number of a file's metadata, -1 where it has none.
std::int64_t number_in(const std::map<std::string, std::string>& metadata, const char* key) {
  const auto found = metadata.find(key);
  std::int64_t value = -1;
  if (found != metadata.end()) {
    const std::string& text = found->second;
    std::from_chars(text.data(), text.data() + text.size(), value);
  }
  return value;
}

}  // namespace

PolicyFile::PolicyFile(const std::string& folder, const RunConfig& config,
                       const envs::EnvSpec& spec)
    : folder_(folder), file_(folder + "/policy.safetensors"), agent_(make_actor(config, spec)) {
  std::error_code ignored;
  time_ = std::filesystem::last_write_time(file_, ignored);
  load();
}

void PolicyFile::load() {
  load_policy(folder_, *agent_);
  std::error_code error;
  if (std::filesystem::exists(file_, error)) {
    const auto& metadata = files::SafetensorsReader(file_).header().metadata;
    iteration_ = number_in(metadata, "iteration");
    env_steps_ = number_in(metadata, "env_steps");
  }
  load_critic();
}

/// From the newest checkpoint. Its hash is not looked at: a training's replay may be gigabytes.
void PolicyFile::load_critic() {
  const Fields fields = agent_->critic();
  const std::vector<std::int64_t> iterations = files::list_checkpoints(folder_);
  has_value_ = false;
  if (fields.empty() || iterations.empty()) {
    return;
  }
  try {
    const files::SafetensorsReader reader(files::state_path(folder_, iterations.back()));
    for (const Field& field : fields) {
      reader.require(field);
    }
    for (const Field& field : fields) {
      reader.read(field);
    }
    agent_->restore();
    has_value_ = true;
  } catch (const files::FileError& error) {  // it may have just been pruned
    problem_ = error.what();
  }
}

bool PolicyFile::poll() {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(file_, error);
  if (error || time == time_) {
    return false;
  }
  time_ = time;
  try {
    problem_.clear();
    load();
    return true;
  } catch (const std::exception& failure) {
    problem_ = failure.what();
    return false;
  }
}

}  // namespace fleet::view
