#include "agents/hierarchy/skill_team.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cuda/require.h"

namespace fleet::agents {

SkillTeam::SkillTeam(std::unique_ptr<SkillChooser> chooser,
                     std::vector<std::unique_ptr<Agent>> skills)
    : chooser_(std::move(chooser)), skills_(std::move(skills)) {
  for (int k = 0; k < static_cast<int>(skills_.size()); ++k) {
    max_dim_ = std::max(max_dim_, chooser_->dim_of(k));
  }
}

void SkillTeam::start(envs::BatchEnv& /*env*/) { require(false, "a team of skills learns nothing"); }

IterationReport SkillTeam::iterate(envs::BatchEnv& /*env*/) {
  require(false, "a team of skills learns nothing");
  return {};
}

PolicyGraph SkillTeam::graph() const {
  require(false, "a team of skills is not one network: export its skills, each from its own run");
  return {};
}

void SkillTeam::act(BatchView<const float> observation, BatchView<float> action) const {
  const int num_rows = observation.num_rows();
  const auto size = static_cast<std::size_t>(num_rows);
  std::vector<int> skill(size);
  std::vector<float> shown(size * static_cast<std::size_t>(max_dim_));
  const BatchView<float> rows(shown.data(), num_rows, max_dim_);
  chooser_->choose(observation, skill, rows);
  std::vector<float> own_seen;
  std::vector<float> own_action;
  for (int k = 0; k < static_cast<int>(skills_.size()); ++k) {
    const int dim = chooser_->dim_of(k);
    const int count = static_cast<int>(std::ranges::count(skill, k));
    if (count == 0) {
      continue;
    }
    own_seen.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(dim));
    own_action.resize(static_cast<std::size_t>(count) *
                      static_cast<std::size_t>(action.num_columns()));
    const BatchView<float> seen(own_seen.data(), count, dim);
    const BatchView<float> done(own_action.data(), count, action.num_columns());
    for (int row = 0, i = 0; row < num_rows; ++row) {
      if (skill[static_cast<std::size_t>(row)] == k) {
        std::copy_n(rows.row(row).begin(), dim, seen.row(i++).begin());
      }
    }
    skills_[static_cast<std::size_t>(k)]->act(seen, done);
    for (int row = 0, i = 0; row < num_rows; ++row) {
      if (skill[static_cast<std::size_t>(row)] == k) {
        std::ranges::copy(done.row(i++), action.row(row).begin());
      }
    }
  }
}

void SkillTeam::restore() {
  for (const std::unique_ptr<Agent>& skill : skills_) {
    skill->restore();
  }
}

Fields SkillTeam::policy() {
  Fields fields;
  for (std::size_t k = 0; k < skills_.size(); ++k) {
    for (Field& field : skills_[k]->policy()) {
      field.name = std::to_string(k) + '/' + field.name;
      fields.push_back(std::move(field));
    }
  }
  return fields;
}

}  // namespace fleet::agents
