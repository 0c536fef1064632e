#include "agents/hierarchy/skill_team.h"

#include <utility>

#include "cuda/require.h"

namespace fleet::agents {

SkillTeam::SkillTeam(std::unique_ptr<SkillChooser> chooser, SkillSet skills)
    : chooser_(std::move(chooser)), skills_(std::move(skills)) {}

void SkillTeam::start(envs::BatchEnv& /*env*/) {
  require(false, "a team of skills learns nothing");
}

IterationReport SkillTeam::iterate(envs::BatchEnv& /*env*/) {
  require(false, "a team of skills learns nothing");
  return {};
}

PolicyGraph SkillTeam::graph() const {
  require(false, "a team of skills is not one network: export its skills, each from its own run");
  return {};
}

void SkillTeam::act(BatchView<const float> observation, BatchView<float> action) const {
  const auto num_rows = static_cast<std::size_t>(observation.num_rows());
  skill_.resize(num_rows);
  shown_.resize(num_rows * static_cast<std::size_t>(skills_.max_dim()));
  const BatchView<float> shown(shown_.data(), observation.num_rows(), skills_.max_dim());
  chooser_->choose(observation, skill_, shown);
  skills_.act(skill_, shown, action);
}

}  // namespace fleet::agents
