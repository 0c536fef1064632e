#include "agents/flashsac/collector.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "cuda/mlp.h"

namespace fleet::agents::flashsac {
namespace {

constexpr int kMaxRows = 10 * kernels::kChunkRows;  // of one pass

int find_group(const envs::EnvSpec& spec, const char* name) {
  for (std::size_t group = 0; group < spec.observations.size(); ++group) {
    if (spec.observations[group].name == name) {
      return static_cast<int>(group);
    }
  }
  return 0;
}

}  // namespace

Policy::Policy(const FlashSacConfig& config, const envs::EnvSpec& spec, const Network<float>& actor)
    : log_std_range{config.min_log_std, config.max_log_std},
      bound(spec.action_bound),
      actor_(actor),
      pass_(actor.shape(), 1, std::min(kMaxRows, spec.num_rows())) {
  for (float& x : bound) {
    if (!(std::isfinite(x) && x > 0.0F)) {
      throw std::runtime_error("flashsac: an action of the task has no bound");
    }
    x *= static_cast<float>(config.action_scale);
  }
}

template <typename Act>
void Policy::evaluate(BatchView<const float> observation, ThreadPool& pool, const Act& act) {
  for (int first = 0; first < observation.num_rows(); first += pass_.max_rows()) {
    const int num_rows = std::min(pass_.max_rows(), observation.num_rows() - first);
    for (int row = 0; row < num_rows; ++row) {
      std::ranges::copy(observation.row(first + row), pass_.input(row));
    }
    pass_.forward(actor_, Statistics::kRunning, {0, num_rows}, {0, num_rows}, pool);
    for (int row = 0; row < num_rows; ++row) {
      act(first + row, pass_.output(0, row));
    }
  }
}

void Policy::act(BatchView<const float> observation, BatchView<float> action, ThreadPool& pool) {
  evaluate(observation, pool, [&](int row, const float* output) {
    const std::span<float> to = action.row(row);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const float u = std::tanh(output[j]);
      to[j] = std::isfinite(u) ? bound[j] * u : 0.0F;
    }
  });
}

Collector::Collector(const FlashSacConfig& config, const envs::EnvSpec& spec, Policy& policy,
                     Replay& replay, ThreadPool& pool)
    : config_(config),
      num_rows_(spec.num_rows()),
      num_players_(spec.num_players),
      action_dim_(spec.action_dim),
      critic_group_(critic_group(config, spec)),
      policy_(policy),
      replay_(replay),
      pool_(pool),
      window_(
          {.n_step = config.n_step, .gamma = config.gamma, .exact_discount = config.exact_discount},
          replay.shape(), num_rows_),
      reward_scale_(num_rows_, config.gamma, config.max_value),
      exploration_(config.seed, spec.first_env * spec.num_players, config.max_noise_repeat),
      action_(static_cast<std::size_t>(num_rows_ * action_dim_)),
      noise_(action_.size()),
      truncated_(static_cast<std::size_t>(spec.num_envs)),
      episode_ends_(static_cast<std::size_t>(num_rows_)) {
  for (const ObservationGroup& group : spec.observations) {
    const auto size = static_cast<std::size_t>(num_rows_ * group.dim());
    groups_.push_back({AlignedVector<float>(size), AlignedVector<float>(size), group.dim()});
  }
  for (Group& group : groups_) {
    buffers_.observation.emplace_back(group.observation.data(), num_rows_, group.dim);
    buffers_.final_observation.emplace_back(group.final_observation.data(), num_rows_, group.dim);
  }
  buffers_.truncated = truncated_;
}

int Collector::critic_group(const FlashSacConfig& config, const envs::EnvSpec& spec) {
  return config.asymmetric ? find_group(spec, "critic") : 0;
}

void Collector::start(envs::BatchEnv& env) {
  env.reset(config_.seed, buffers_);
  if (config_.randomise_episode_clocks) {
    env.randomise_episode_clocks();
  }
  window_.clear();
  reward_scale_.start();
}

void Collector::step(envs::BatchEnv& env) {
  StepRecord& record = window_.next();
  act(record);
  const auto critic_at = static_cast<std::size_t>(critic_group_);
  buffers_.final_observation[0] = {record.next_actor_observation.data(), num_rows_, groups_[0].dim};
  if (critic_group_ > 0) {
    buffers_.final_observation[critic_at] = {record.next_critic_observation.data(), num_rows_,
                                             groups_[critic_at].dim};
  }
  buffers_.reward = record.reward;
  buffers_.terminated = record.terminated;
  env.step({action_.data(), num_rows_, action_dim_}, buffers_);
  if (critic_group_ == 0) {
    record.next_critic_observation = record.next_actor_observation;
  }
  for (int row = 0; row < num_rows_; ++row) {
    const auto at = static_cast<std::size_t>(row);
    record.truncated[at] = truncated_[static_cast<std::size_t>(row / num_players_)];
    episode_ends_[at] = record.truncated[at] | record.terminated[at];
  }
  mend_rewards(record);
  num_bad_transitions_ += window_.finish_step(replay_);
  reward_scale_.update(record.reward, episode_ends_);
}

void Collector::act(StepRecord& record) {
  record.actor_observation = groups_[0].observation;
  record.critic_observation = groups_[static_cast<std::size_t>(critic_group_)].observation;
  exploration_.advance();
  const auto row_of = [&](AlignedVector<float>& all, int row) {
    return std::span(all).subspan(static_cast<std::size_t>(row * action_dim_),
                                  static_cast<std::size_t>(action_dim_));
  };
  if (!is_warm()) {
    for (int row = 0; row < num_rows_; ++row) {
      const std::span<float> u = row_of(record.action, row);
      exploration_.draw_uniform(row, u);
      for (float& x : u) {
        x *= static_cast<float>(config_.warmup_scale);
      }
    }
  } else {
    policy_.evaluate(buffers_.observation[0], pool_, [&](int row, const float* output) {
      const std::span<float> noise = row_of(noise_, row);
      const std::span<float> u = row_of(record.action, row);
      exploration_.draw_normal(row, noise);
      for (std::size_t j = 0; j < u.size(); ++j) {
        const SquashedSample<float> sample(output[j], output[u.size() + j], noise[j],
                                           policy_.log_std_range);
        u[j] = std::isfinite(sample.action) ? sample.action : 0.0F;
      }
    });
  }
  for (std::size_t i = 0; i < action_.size(); ++i) {
    action_[i] = record.action[i] * policy_.bound[i % static_cast<std::size_t>(action_dim_)];
  }
}

void Collector::mend_rewards(StepRecord& record) {
  for (float& r : record.reward) {
    if (!std::isfinite(r)) {
      r = 0.0F;
      ++num_bad_rewards_;
    }
  }
}

Fields Collector::fields() {
  Fields fields = window_.fields("window/");
  std::ranges::move(reward_scale_.fields("reward_scale/"), std::back_inserter(fields));
  std::ranges::move(exploration_.fields("exploration/"), std::back_inserter(fields));
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    Group& g = groups_[group];
    fields.push_back(make_field("observation/" + std::to_string(group), {num_rows_, g.dim},
                                g.observation.data()));
  }
  fields.push_back(make_field("num_bad_rewards", {}, &num_bad_rewards_));
  fields.push_back(make_field("num_bad_transitions", {}, &num_bad_transitions_));
  return fields;
}

}  // namespace fleet::agents::flashsac
