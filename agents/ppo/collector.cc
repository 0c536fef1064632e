#include "agents/ppo/collector.h"

#include <algorithm>
#include <cmath>

#include "agents/ppo/gaussian.h"
#include "cuda/gae.h"
#include "cuda/option_gae.h"
#include "cuda/philox.h"

namespace fleet::agents {
namespace {

using kernels::kChunkRows;

int num_chunks(int num_rows) { return (num_rows + kChunkRows - 1) / kChunkRows; }

float finite_or_zero(float x) { return std::isfinite(x) ? x : 0.0F; }

}  // namespace

Collector::Collector(const PpoConfig& config, ActorCritic& model, Rollout& rollout,
                     std::vector<Workspace>& workspaces, ThreadPool& pool)
    : config_(config),
      model_(model),
      rollout_(rollout),
      workspaces_(workspaces),
      pool_(pool),
      return_normaliser_(rollout.num_rows, {.gamma = config.gamma, .clip = config.reward_clip}),
      episode_ends_(static_cast<std::size_t>(rollout.num_rows)),
      std_(static_cast<std::size_t>(rollout.action_dim)) {
  truncated_rows_.reserve(static_cast<std::size_t>(rollout.num_rows));
  acting_rows_.reserve(static_cast<std::size_t>(rollout.num_rows));
}

void Collector::start(envs::BatchEnv& env) {
  rollout_.forget_options();
  env.reset(config_.seed, rollout_.reset_buffers());
  if (config_.randomise_episode_clocks) {
    env.randomise_episode_clocks();
  }
  return_normaliser_.start();
  learn_statistics(0);
}

bool Collector::collect(envs::BatchEnv& env, const Stop& stop) {
  std::ranges::copy(model_.log_std(), rollout_.log_std.begin());
  std::ranges::transform(model_.log_std(), std_.begin(), [](float x) { return std::exp(x); });
  for (int step = 0; step < rollout_.num_steps; ++step) {
    act(step);
    const BatchView<const float> action(rollout_.row(rollout_.action, step, 0).data(),
                                        rollout_.num_rows, rollout_.action_dim);
    env.step(action, rollout_.step_buffers(step));
    mend_rewards(step);
    if (is_first_rollout()) {
      learn_statistics(step + 1);
    }
    evaluate_final(step);
    if (stop()) {
      return false;
    }
  }
  evaluate_last();
  rollout_.decides.empty() ? compute_advantages() : compute_option_advantages();
  return true;
}

void Collector::finish_iteration() {
  if (is_first_rollout()) {
    return;
  }
  for (int step = 0; step < rollout_.num_steps; ++step) {
    learn_statistics(step + 1);
  }
}

void Collector::act(int step) {
  acting_rows_.clear();
  for (int row = 0; row < rollout_.num_rows; ++row) {
    if (rollout_.asks(step, row)) {
      acting_rows_.push_back(row);
    }
  }
  const int total = static_cast<int>(acting_rows_.size());
  pool_.parallel_for(num_chunks(total), [&](int chunk, int thread) {
    const int first = chunk * kChunkRows;
    act_rows(step,
             std::span<const int>(acting_rows_)
                 .subspan(static_cast<std::size_t>(first),
                          static_cast<std::size_t>(std::min(kChunkRows, total - first))),
             workspaces_[static_cast<std::size_t>(thread)]);
  });
  ++num_policy_steps_;
}

bool Collector::is_first_rollout() const {
  return num_policy_steps_ <= static_cast<std::uint64_t>(rollout_.num_steps);
}

void Collector::act_rows(int step, std::span<const int> rows, Workspace& work) {
  const int num_rows = static_cast<int>(rows.size());
  for (int i = 0; i < num_rows; ++i) {
    const int row = rows[static_cast<std::size_t>(i)];
    model_.actor_normaliser.apply(rollout_.observation(model_.actor_group, step, row),
                                  work.actor.input(i));
    model_.critic_normaliser.apply(rollout_.observation(model_.critic_group, step, row),
                                   work.critic.input(i));
  }
  model_.actor.mlp().forward(num_rows, work.actor);
  model_.critic.mlp().forward(num_rows, work.critic);
  for (int i = 0; i < num_rows; ++i) {
    const int row = rows[static_cast<std::size_t>(i)];
    Random random(config_.seed, static_cast<std::uint32_t>(rollout_.first_row + row),
                  static_cast<std::uint32_t>(num_policy_steps_ >> 32U),
                  static_cast<std::uint32_t>(num_policy_steps_),
                  static_cast<std::uint32_t>(Purpose::kPolicy));
    const std::span<float> mean = rollout_.row(rollout_.mean, step, row);
    const std::span<float> action = rollout_.row(rollout_.action, step, row);
    for (std::size_t j = 0; j < action.size(); ++j) {
      work.noise[j] = static_cast<float>(random.normal());
      mean[j] = finite_or_zero(work.actor.output(i)[j]);
      action[j] = mean[j] + std_[j] * work.noise[j];
    }
    rollout_.rows(rollout_.log_prob, step)[static_cast<std::size_t>(row)] =
        static_cast<float>(gaussian_log_prob(work.noise, rollout_.log_std));
    rollout_.rows(rollout_.value, step)[static_cast<std::size_t>(row)] =
        finite_or_zero(*work.critic.output(i));
  }
}

void Collector::learn_statistics(int step) {
  learn_statistics(step, model_.actor_group, model_.actor_normaliser);
  learn_statistics(step, model_.critic_group, model_.critic_normaliser);
}

void Collector::learn_statistics(int step, int group, kernels::ObservationNormaliser& normaliser) {
  const BatchView<const float> all = rollout_.observation(group, step);
  if (rollout_.decides.empty()) {
    normaliser.update(all, pool_);
    return;
  }
  seen_.clear();
  for (int row = 0; row < rollout_.num_rows; ++row) {
    if (rollout_.asks(step, row)) {
      seen_.insert(seen_.end(), all.row(row).begin(), all.row(row).end());
    }
  }
  const int dim = all.num_columns();
  normaliser.update({seen_.data(), static_cast<int>(seen_.size()) / dim, dim}, pool_);
}

void Collector::mend_rewards(int step) {
  const std::span<float> reward = rollout_.rows(rollout_.reward, step);
  for (float& r : reward) {
    if (!std::isfinite(r)) {
      r = 0.0F;
      ++num_bad_rewards_;
    }
  }
  if (config_.normalise_returns) {
    for (int row = 0; row < rollout_.num_rows; ++row) {
      episode_ends_[static_cast<std::size_t>(row)] =
          rollout_.terminated_rows(step)[static_cast<std::size_t>(row)] |
          rollout_.truncated_envs(step)[static_cast<std::size_t>(row / rollout_.num_players)];
    }
    return_normaliser_.normalise(reward, episode_ends_, pool_);
  }
}

void Collector::evaluate_final(int step) {
  truncated_rows_.clear();
  for (int row = 0; row < rollout_.num_rows; ++row) {
    const auto env = static_cast<std::size_t>(row / rollout_.num_players);
    if (rollout_.truncated_envs(step)[env] != 0 &&
        rollout_.terminated_rows(step)[static_cast<std::size_t>(row)] == 0) {
      truncated_rows_.push_back(row);
    }
  }
  const BatchView<const float> observation = rollout_.final_observation(model_.critic_group);
  const std::span<float> next_value = rollout_.rows(rollout_.next_value, step);
  const int total = static_cast<int>(truncated_rows_.size());
  pool_.parallel_for(num_chunks(total), [&](int chunk, int thread) {
    kernels::MlpWorkspace& work = workspaces_[static_cast<std::size_t>(thread)].critic;
    const std::span<const int> rows =
        std::span<const int>(truncated_rows_).subspan(static_cast<std::size_t>(chunk * kChunkRows));
    const int num_rows = std::min(kChunkRows, static_cast<int>(rows.size()));
    for (int i = 0; i < num_rows; ++i) {
      model_.critic_normaliser.apply(observation.row(rows[static_cast<std::size_t>(i)]),
                                     work.input(i));
    }
    model_.critic.mlp().forward(num_rows, work);
    for (int i = 0; i < num_rows; ++i) {
      next_value[static_cast<std::size_t>(rows[static_cast<std::size_t>(i)])] =
          finite_or_zero(*work.output(i));
    }
  });
}

void Collector::evaluate_last() {
  const int step = rollout_.num_steps;
  const std::span<float> value = rollout_.rows(rollout_.value, step);
  pool_.parallel_for(num_chunks(rollout_.num_rows), [&](int chunk, int thread) {
    kernels::MlpWorkspace& work = workspaces_[static_cast<std::size_t>(thread)].critic;
    const int first = chunk * kChunkRows;
    const int num_rows = std::min(kChunkRows, rollout_.num_rows - first);
    for (int i = 0; i < num_rows; ++i) {
      model_.critic_normaliser.apply(rollout_.observation(model_.critic_group, step, first + i),
                                     work.input(i));
    }
    model_.critic.mlp().forward(num_rows, work);
    for (int i = 0; i < num_rows; ++i) {
      value[static_cast<std::size_t>(first + i)] = finite_or_zero(*work.output(i));
    }
  });
}

void Collector::compute_advantages() {
  for (int step = 0; step < rollout_.num_steps; ++step) {
    const std::span<const float> following = rollout_.rows(rollout_.value, step + 1);
    const std::span<float> next_value = rollout_.rows(rollout_.next_value, step);
    for (std::size_t row = 0; row < next_value.size(); ++row) {
      const std::size_t env = row / static_cast<std::size_t>(rollout_.num_players);
      if (rollout_.truncated_envs(step)[env] == 0) {
        next_value[row] = following[row];
      }
    }
  }
  kernels::compute_gae(
      {.gamma = static_cast<float>(config_.gamma), .lambda = static_cast<float>(config_.lambda)},
      {.reward = rollout_.steps(rollout_.reward),
       .value = rollout_.steps(rollout_.value),
       .next_value = rollout_.steps(rollout_.next_value),
       .terminated = {rollout_.terminated.data(), rollout_.num_steps, rollout_.num_rows},
       .truncated = {rollout_.truncated.data(), rollout_.num_steps, rollout_.num_envs}},
      {.advantage = rollout_.steps(rollout_.advantage),
       .value_target = rollout_.steps(rollout_.value_target)});
}

void Collector::compute_option_advantages() {
  Rollout& r = rollout_;
  kernels::compute_option_gae(
      {.gamma = static_cast<float>(config_.gamma), .lambda = static_cast<float>(config_.lambda)},
      {.reward = r.steps(r.reward),
       .value = {r.value.data(), r.num_steps + 1, r.num_rows},
       .final_value = r.steps(r.next_value),
       .terminated = {r.terminated.data(), r.num_steps, r.num_rows},
       .truncated = {r.truncated.data(), r.num_steps, r.num_envs},
       .decides = {r.decides.data(), r.num_steps + 1, r.num_rows}},
      {.reward = r.open_reward, .discount = r.open_discount},
      {.is_over = {r.is_over.data(), r.num_steps, r.num_rows},
       .advantage = r.steps(r.advantage),
       .value_target = r.steps(r.value_target)});
  r.samples.clear();
  for (int sample = 0; sample < r.num_samples(); ++sample) {
    if (r.is_over[static_cast<std::size_t>(sample)] != 0) {
      r.samples.push_back(sample);
    }
  }
}

Fields Collector::fields() {
  Fields fields = return_normaliser_.fields("return_normaliser/");
  fields.push_back(make_field("num_policy_steps", {}, &num_policy_steps_));
  fields.push_back(make_field("num_bad_rewards", {}, &num_bad_rewards_));
  return fields;
}

}  // namespace fleet::agents
