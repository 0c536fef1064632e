#include "agents/ppo/rollout.h"

#include <algorithm>
#include <numeric>

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
  const std::size_t samples_of_all = count(num_steps, num_rows);
  action.resize(samples_of_all * static_cast<std::size_t>(action_dim));
  mean.resize(action.size());
  for (AlignedVector<float>* field : {&log_prob, &reward, &next_value, &advantage, &value_target}) {
    field->resize(samples_of_all);
  }
  value.resize(samples_of_all + static_cast<std::size_t>(num_rows));
  log_std.resize(static_cast<std::size_t>(action_dim));
  terminated.resize(samples_of_all);
  truncated.resize(count(num_steps, num_envs));
  samples.resize(samples_of_all);
  std::iota(samples.begin(), samples.end(), 0);
  if (spec.decides_at_times) {
    decides.resize(samples_of_all + static_cast<std::size_t>(num_rows));
    is_over.resize(samples_of_all);
    goes_on.resize(static_cast<std::size_t>(num_rows));
    open_reward.resize(goes_on.size());
    open_discount.resize(goes_on.size());
    forget_options();
  }
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
  if (has_options()) {
    buffers_.decides = std::span(decides).subspan(count(step + 1, num_rows), count(1, num_rows));
  }
  return buffers_;
}

const envs::StepBuffers& Rollout::reset_buffers() {
  step_buffers(0);
  for (int group = 0; group < static_cast<int>(groups_.size()); ++group) {
    buffers_.observation[static_cast<std::size_t>(group)] = observation(group, 0);
  }
  if (has_options()) {
    buffers_.decides = std::span(decides).first(count(1, num_rows));
  }
  return buffers_;
}

void Rollout::forget_options() {
  std::ranges::fill(goes_on, 0);
  std::ranges::fill(open_reward, 0.0F);
  std::ranges::fill(open_discount, 1.0F);
}

bool Rollout::asks(int step, int row) const {
  const auto k = static_cast<std::size_t>(row);
  return !has_options() ||
         (decides[count(step, num_rows) + k] != 0 && (step > 0 || goes_on[k] == 0));
}

void Rollout::carry_over() {
  for (int group = 0; group < static_cast<int>(groups_.size()); ++group) {
    if (groups_[static_cast<std::size_t>(group)].is_stored && !has_options()) {
      const BatchView<float> last = observation(group, num_steps);
      std::copy_n(last.data(), last.size(), observation(group, 0).data());
    }
  }
  for (int row = 0; row < num_rows && has_options(); ++row) {
    int step = num_steps;
    while (decides[count(step, num_rows) + static_cast<std::size_t>(row)] == 0) {
      --step;  // to where the option under way began; an episode's first step decides
    }
    keep_decision(step, row);
  }
}

void Rollout::keep_decision(int step, int row) {
  for (Group& group : groups_) {
    if (group.is_stored) {
      std::copy_n(group.observation.data() + count(step * num_rows + row, group.dim), group.dim,
                  group.observation.data() + count(row, group.dim));
    }
  }
  const auto k = static_cast<std::size_t>(row);
  decides[k] = 1;
  goes_on[k] = step < num_steps ? 1 : 0;
  if (step < num_steps) {
    std::ranges::copy(this->row(action, step, row), this->row(action, 0, row).begin());
    std::ranges::copy(this->row(mean, step, row), this->row(mean, 0, row).begin());
    log_prob[k] = rows(log_prob, step)[k];
    value[k] = rows(value, step)[k];
  }
}

Fields Rollout::fields() {
  Fields fields;
  for (Group& group : groups_) {
    fields.push_back(
        make_field("observation/" + group.name, {num_rows, group.dim}, group.observation.data()));
  }
  if (has_options()) {
    const auto add = [&](const char* name, auto& of_step_0, int columns) {
      fields.push_back(
          make_field(std::string("option/") + name, {num_rows, columns}, of_step_0.data()));
    };
    add("decides", decides, 1);
    add("goes_on", goes_on, 1);
    add("action", action, action_dim);
    add("mean", mean, action_dim);
    add("log_prob", log_prob, 1);
    add("value", value, 1);
    add("reward", open_reward, 1);
    add("discount", open_discount, 1);
  }
  return fields;
}

}  // namespace fleet::agents
