#include "agents/hierarchy/high_level_env.h"

#include <algorithm>
#include <utility>

#include "cuda/require.h"

namespace fleet::agents {

envs::EnvSpec high_level_spec(const envs::EnvSpec& match, const Tactics& tactics) {
  require(match.num_players == match.num_teams * tactics.team_size(),
          "the match has teams of another size");
  envs::EnvSpec spec = match;
  spec.num_players = match.num_teams;
  spec.decides_at_times = true;
  spec.action_dim = static_cast<int>(tactics.action_names().size());
  spec.observations = {tactics.observation()};
  const auto size = static_cast<std::size_t>(spec.action_dim);
  spec.action_bound.assign(size, 1.0F);
  spec.observation_mirror.clear();
  spec.action_mirror = {};
  spec.contract = {};
  spec.contract.task = match.contract.task;
  spec.contract.control_period = match.contract.control_period;
  spec.contract.physics_timestep = match.contract.physics_timestep;
  spec.contract.action_names = tactics.action_names();
  spec.contract.action_scale.assign(size, 1.0);
  spec.contract.action_offset.assign(size, 0.0);
  spec.contract.action_bound.assign(size, 1.0);
  return spec;
}

HighLevelEnv::HighLevelEnv(std::unique_ptr<envs::BatchEnv> match, std::unique_ptr<Tactics> tactics,
                           SkillSet skills)
    : match_(std::move(match)),
      tactics_(std::move(tactics)),
      skills_(std::move(skills)),
      spec_(high_level_spec(match_->spec(), *tactics_)),
      buffers_(match_->spec()),
      decides_(static_cast<std::size_t>(spec_.num_rows())),
      skill_(static_cast<std::size_t>(buffers_.num_rows)),
      shown_(skill_.size() * static_cast<std::size_t>(skills_.max_dim())) {
  tactics_->find_due(buffers_.views.observation[0], decides_);  // makes room for all teams
}

/// To the teams that decide.
void HighLevelEnv::show_due(const envs::StepBuffers& out) const {
  for (int team = 0; team < spec_.num_rows(); ++team) {
    const std::uint8_t decides = decides_[static_cast<std::size_t>(team)];
    out.decides[static_cast<std::size_t>(team)] = decides;
    if (decides != 0) {
      tactics_->see(players_of(buffers_.views.observation[0], team), out.observation[0].row(team));
    }
  }
}

void HighLevelEnv::begin(const envs::StepBuffers& out) {
  tactics_->find_due(buffers_.views.observation[0], decides_);
  std::ranges::fill(decides_, 1);
  show_due(out);
}

void HighLevelEnv::reset(std::uint64_t seed, const envs::StepBuffers& out) {
  match_->reset(seed, buffers_.views);
  begin(out);
}

void HighLevelEnv::reset_to(std::uint64_t seed, BatchView<const double> qpos,
                            BatchView<const double> qvel, const envs::StepBuffers& out) {
  match_->reset_to(seed, qpos, qvel, buffers_.views);
  begin(out);
}

void HighLevelEnv::step(BatchView<const float> action, const envs::StepBuffers& out) {
  require_shape("action", action, spec_.num_rows(), spec_.action_dim);
  const BatchView<const float> seen = buffers_.views.observation[0];
  for (int team = 0; team < spec_.num_rows(); ++team) {
    if (decides_[static_cast<std::size_t>(team)] != 0) {
      tactics_->decide(team, players_of(seen, team), action.row(team));
    }
  }
  const BatchView<float> shown(shown_.data(), buffers_.num_rows, skills_.max_dim());
  tactics_->order(seen, skill_, shown);
  skills_.act(skill_, shown, buffers_.action_view());
  match_->step(buffers_.action_view(), buffers_.views);
  tactics_->find_due(buffers_.views.observation[0], decides_);
  hand_over(out);
  show_due(out);
}

void HighLevelEnv::hand_over(const envs::StepBuffers& out) {
  const int team_size = tactics_->team_size();
  std::ranges::copy(buffers_.truncated, out.truncated.begin());
  for (int team = 0; team < spec_.num_rows(); ++team) {
    const auto k = static_cast<std::size_t>(team);
    const auto first = k * static_cast<std::size_t>(team_size);
    float sum = 0.0F;
    for (int player = 0; player < team_size; ++player) {
      sum += buffers_.reward[first + static_cast<std::size_t>(player)];
    }
    out.reward[k] = sum / static_cast<float>(team_size);
    out.terminated[k] = buffers_.terminated[first];
    if (out.metrics.num_columns() > 0) {
      std::ranges::copy(buffers_.views.metrics.row(team * team_size),
                        out.metrics.row(team).begin());
    }
    if (out.terminated[k] != 0 ||
        out.truncated[static_cast<std::size_t>(team / spec_.num_players)] != 0) {
      decides_[k] = 1;
      tactics_->see(players_of(buffers_.views.final_observation[0], team),
                    out.final_observation[0].row(team));
    }
  }
}

Fields HighLevelEnv::state() {
  Fields fields = match_->state();
  for (Field& field : tactics_->state()) {
    field.name = "high_level/" + field.name;
    fields.push_back(std::move(field));
  }
  const BatchView<float> seen = buffers_.views.observation[0];
  fields.push_back(
      make_field("high_level/observation", {seen.num_rows(), seen.num_columns()}, seen.data()));
  fields.push_back(make_field("high_level/decides", {spec_.num_rows()}, decides_.data()));
  return fields;
}

}  // namespace fleet::agents
