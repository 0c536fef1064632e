#include "apps/view/world/run_policy.h"

#include <fmt/format.h>

#include "apps/files/checkpoint.h"
#include "apps/files/file_error.h"
#include "apps/files/safetensors.h"
#include "apps/match/skill_team.h"
#include "apps/run_folder.h"
#include "apps/session.h"

namespace fleet::view {

RunPolicy::RunPolicy(const std::string& folder, const RunConfig& config, const envs::EnvSpec& spec)
    : Policy(folder + "/policy.safetensors"), folder_(folder) {
  if (is_skill_team(config)) {
    agent_ = load_skill_team(folder, config);
    origin_ = "a team of skills";
    no_value_ = "a team of skills has no critic";
    return;
  }
  agent_ = make_actor(config, spec);
  load();
}

void RunPolicy::load() {
  load_policy(folder_, *agent_);
  const TrainedFor trained = read_trained_for(folder_);
  origin_ = trained.iterations < 0
                ? "of the newest checkpoint"
                : fmt::format("of iteration {}, {:.1f} M env steps", trained.iterations,
                              1e-6 * static_cast<double>(trained.env_steps));
  load_critic();
}

/// From the newest checkpoint. Its hash is not looked at: a training's replay may be gigabytes.
void RunPolicy::load_critic() {
  const Fields fields = agent_->critic();
  const std::vector<std::int64_t> iterations = files::list_checkpoints(folder_);
  if (fields.empty()) {
    no_value_ = "this agent has no critic";
    return;
  }
  if (iterations.empty()) {
    no_value_ = "policy.safetensors holds no critic, and there is no checkpoint beside it";
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
    no_value_.clear();
  } catch (const files::FileError& error) {  // it may have just been pruned
    no_value_ = error.what();
  }
}

}  // namespace fleet::view
