#include "agents/ppo/rollout.h"

#include <algorithm>

namespace fleet::agents {
namespace {

std::size_t count(int rows, int columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

}  // namespace

Rollout::Rollout(const envs::EnvSpec& spec, int num_steps_in, int num_stored_groups)
    : num_steps(num_steps_in),
      num_envs(spec.num_envs),
      num_rows(spec.num_rows()),
      num_players(spec.num_players),
      first_row(spec.first_env * spec.num_players),
      action_dim(spec.action_dim) {
  const std::size_t samples = count(num_steps, num_rows);
  action.resize(samples * static_cast<std::size_t>(action_dim));
  mean.resize(action.size());
  for (AlignedVector<float>* field : {&log_prob, &reward, &next_value, &advantage, &value_target}) {
    field->resize(samples);
  }
  value.resize(samples + static_cast<std::size_t>(num_rows));
  log_std.resize(static_cast<std::size_t>(action_dim));
  terminated.resize(samples);
  truncated.resize(count(num_steps, num_envs));
  for (const ObservationGroup& group : spec.observations) {
    const bool is_stored = static_cast<int>(groups_.size()) < num_stored_groups;
    const std::size_t size = count(num_rows, group.dim());
    groups_.push_back({.name = group.name,
                       .dim = group.dim(),
                       .is_stored = is_stored,
                       .observation = AlignedVector<float>(
                           is_stored ? size * static_cast<std::size_t>(num_steps + 1) : size),
                       .final_observation = AlignedVector<float>(size)});
  }
  buffers_.observation.resize(groups_.size());
  buffers_.final_observation.resize(groups_.size());
}

BatchView<float> Rollout::observation(int group, int step) {
  Group& g = groups_[static_cast<std::size_t>(group)];
  const std::size_t offset = g.is_stored ? count(step * num_rows, g.dim) : 0;
  return {g.observation.data() + offset, num_rows, g.dim};
}

std::span<const float> Rollout::observation(int group, int step, int row) const {
  return sample_observation(group, step * num_rows + row);
}

std::span<const float> Rollout::sample_observation(int group, int sample) const {
  const Group& g = groups_[static_cast<std::size_t>(group)];
  return {g.observation.data() + count(sample, g.dim), static_cast<std::size_t>(g.dim)};
}

BatchView<float> Rollout::final_observation(int group) {
  Group& g = groups_[static_cast<std::size_t>(group)];
  return {g.final_observation.data(), num_rows, g.dim};
}

std::span<float> Rollout::rows(AlignedVector<float>& field, int step) {
  return {field.data() + count(step, num_rows), static_cast<std::size_t>(num_rows)};
}

std::span<float> Rollout::row(AlignedVector<float>& field, int step, int row) {
  return {field.data() + count(step * num_rows + row, action_dim),
          static_cast<std::size_t>(action_dim)};
}

std::span<std::uint8_t> Rollout::terminated_rows(int step) {
  return {terminated.data() + count(step, num_rows), static_cast<std::size_t>(num_rows)};
}

std::span<std::uint8_t> Rollout::truncated_envs(int step) {
  return {truncated.data() + count(step, num_envs), static_cast<std::size_t>(num_envs)};
}

const envs::StepBuffers& Rollout::step_buffers(int step) {
  for (int group = 0; group < static_cast<int>(groups_.size()); ++group) {
    buffers_.observation[static_cast<std::size_t>(group)] = observation(group, step + 1);
    buffers_.final_observation[static_cast<std::size_t>(group)] = final_observation(group);
  }
  buffers_.reward = rows(reward, step);
  buffers_.terminated = terminated_rows(step);
  buffers_.truncated = truncated_envs(step);
  return buffers_;
}

const envs::StepBuffers& Rollout::reset_buffers() {
  step_buffers(0);
  for (int group = 0; group < static_cast<int>(groups_.size()); ++group) {
    buffers_.observation[static_cast<std::size_t>(group)] = observation(group, 0);
  }
  return buffers_;
}

void Rollout::carry_over() {
  for (int group = 0; group < static_cast<int>(groups_.size()); ++group) {
    if (groups_[static_cast<std::size_t>(group)].is_stored) {
      const BatchView<float> last = observation(group, num_steps);
      std::copy_n(last.data(), last.size(), observation(group, 0).data());
    }
  }
}

Fields Rollout::fields() {
  Fields fields;
  for (Group& group : groups_) {
    fields.push_back(
        make_field("observation/" + group.name, {num_rows, group.dim}, group.observation.data()));
  }
  return fields;
}

}  // namespace fleet::agents
