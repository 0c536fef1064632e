#include "agents/flashsac/flashsac.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

#include "agents/mirror.h"
#include "cuda/philox.h"
#include "cuda/require.h"

namespace fleet::agents {
namespace {

using Clock = std::chrono::steady_clock;
using flashsac::Collector;
using flashsac::Sizes;
using flashsac::TransitionShape;

double seconds_between(Clock::time_point first, Clock::time_point second) {
  return std::chrono::duration<double>(second - first).count();
}

FlashSacConfig checked(FlashSacConfig config, const envs::EnvSpec& spec) {
  const std::string problem = config.validate();
  require(problem.empty(), "flashsac: " + problem);
  require(spec.num_envs > 0 && spec.num_players > 0 && spec.action_dim > 0, "the env is empty");
  require(static_cast<int>(spec.action_bound.size()) == spec.action_dim,
          "action_bound has another size than the action");
  config.num_updates *= spec.num_players;
  return config;
}

Sizes sizes_of(const FlashSacConfig& config, const envs::EnvSpec& spec) {
  const auto group = static_cast<std::size_t>(Collector::critic_group(config, spec));
  return {.actor_dim = spec.observations[0].dim(),
          .critic_dim = spec.observations[group].dim(),
          .action_dim = spec.action_dim};
}

TransitionShape shape_of(const FlashSacConfig& config, const envs::EnvSpec& spec) {
  const Sizes sizes = sizes_of(config, spec);
  const bool is_asymmetric = Collector::critic_group(config, spec) > 0;
  return {sizes.actor_dim, is_asymmetric ? sizes.critic_dim : 0, sizes.action_dim};
}

}  // namespace

FlashSac::FlashSac(const FlashSacConfig& config, const envs::EnvSpec& spec)
    : config_(checked(config, spec)),
      num_rows_(spec.num_rows()),
      critic_group_(Collector::critic_group(config, spec)),
      augment_(config.symmetry == "augment"),
      pool_(config.num_threads),
      learner_(config_, sizes_of(config, spec), pool_),
      replay_(shape_of(config, spec), config.buffer_size,
              {.by_age = config.sampler == "age",
               .horizon = config.age_horizon,
               .num_rows = spec.num_rows()}),
      policy_(config, spec, learner_.actor),
      collector_(config, spec, policy_, replay_, pool_) {
  if (augment_) {
    if (spec.observation_mirror.empty()) {
      throw std::runtime_error("flashsac.symmetry: the task declares no mirror images");
    }
    require_mirrors(spec, {0, critic_group_});
    actor_mirror_ = spec.observation_mirror[0];
    critic_mirror_ = spec.observation_mirror[static_cast<std::size_t>(critic_group_)];
    action_mirror_ = spec.action_mirror;
  }
}

void FlashSac::start(envs::BatchEnv& env) {
  require(env.spec().num_rows() == num_rows_, "the env has another number of rows");
  collector_.start(env);
}

IterationReport FlashSac::iterate(envs::BatchEnv& env) {
  require(env.spec().num_rows() == num_rows_, "the env has another number of rows");
  double collection_time = 0.0;
  double learning_time = 0.0;
  while (step_ < config_.num_steps) {
    if (stop()()) {
      return {.is_complete = false, .scalars = {}};
    }
    const auto begin = Clock::now();
    policy_.log_std_range = learner_.log_std_range();
    collector_.step(env);
    const auto collected = Clock::now();
    learn();
    ++step_;
    collection_time += seconds_between(begin, collected);
    learning_time += seconds_between(collected, Clock::now());
  }
  IterationReport report = describe();
  report.env_steps = std::int64_t{config_.num_steps} * env.spec().num_envs;
  report.collection_time = collection_time;
  report.learning_time = learning_time;
  step_ = 0;
  sums_ = {};
  return report;
}

/// The updates that the transitions of one env step are worth.
void FlashSac::learn() {
  if (!collector_.is_warm()) {
    return;
  }
  for (num_new_ += num_rows_; num_new_ >= config_.transitions_per_update;
       num_new_ -= config_.transitions_per_update) {
    load_batch();
    const flashsac::UpdateReport report = learner_.update();
    num_skipped_ += (report.is_critic_skipped ? 1 : 0) + (report.is_actor_skipped ? 1 : 0);
    sums_.add(report);
  }
}

/// Draws what the next update learns from: a function of the seed, the update and the replay.
void FlashSac::load_batch() {
  constexpr int kRowsOfTask = 32;
  const auto divisor =
      static_cast<float>(config_.scale_rewards ? collector_.reward_divisor() : 1.0);
  const auto update = static_cast<std::uint64_t>(learner_.num_updates());
  const TransitionShape& shape = replay_.shape();
  const auto critic_dim = static_cast<std::size_t>(shape.critic_dim);
  const auto actor_dim = static_cast<std::size_t>(shape.actor_dim);
  const auto action_dim = static_cast<std::size_t>(shape.action_dim);
  const auto row_task = [&](int row) {
    const auto random = [&](Purpose purpose) {
      return Random(config_.seed, static_cast<std::uint32_t>(row),
                    static_cast<std::uint32_t>(update >> 32U), static_cast<std::uint32_t>(update),
                    static_cast<std::uint32_t>(purpose));
    };
    Random draws = random(Purpose::kReplay);
    const std::span<const float> from = replay_.draw(draws);
    const bool is_mirrored = augment_ && draws.uniform() < 0.5;
    const auto load = [&](int offset, const Mirror& mirror, std::size_t dim, float* to) {
      const auto part = from.subspan(static_cast<std::size_t>(offset), dim);
      if (is_mirrored) {
        mirror_row(mirror, part, {to, dim});
      } else {
        std::ranges::copy(part, to);
      }
    };
    load(shape.observation, critic_mirror_, critic_dim, learner_.observation(row, false));
    load(shape.next_observation, critic_mirror_, critic_dim, learner_.observation(row, true));
    load(shape.actor_observation, actor_mirror_, actor_dim, learner_.actor_observation(row, false));
    load(shape.next_actor_observation, actor_mirror_, actor_dim,
         learner_.actor_observation(row, true));
    flashsac::Batch<float>& batch = learner_.batch;
    const int first = row * shape.action_dim;
    load(shape.action, action_mirror_, action_dim, batch.action.data() + first);
    batch.reward[static_cast<std::size_t>(row)] =
        from[static_cast<std::size_t>(shape.reward)] / divisor;
    batch.discount[static_cast<std::size_t>(row)] = from[static_cast<std::size_t>(shape.discount)];
    Random policy_noise = random(Purpose::kPolicyUpdate);
    Random target_noise = random(Purpose::kTargetAction);
    for (int j = first; j < first + shape.action_dim; ++j) {
      batch.actor_noise[static_cast<std::size_t>(j)] = static_cast<float>(policy_noise.normal());
      batch.target_noise[static_cast<std::size_t>(j)] = static_cast<float>(target_noise.normal());
    }
  };
  const int num_tasks = (config_.batch_size + kRowsOfTask - 1) / kRowsOfTask;
  pool_.parallel_for(num_tasks, [&](int task, int /*thread*/) {
    const int last = std::min(config_.batch_size, (task + 1) * kRowsOfTask);
    for (int row = task * kRowsOfTask; row < last; ++row) {
      row_task(row);
    }
  });
}

void FlashSac::Sums::add(const flashsac::UpdateReport& report) {
  if (!report.is_critic_skipped) {
    critic_loss += report.critic_loss;
    critic_grad_norm += report.critic_grad_norm;
    clamped += report.clamped;
    num_critic += 1.0;
  }
  if (report.has_actor && !report.is_actor_skipped) {
    actor_loss += report.actor_loss;
    actor_grad_norm += report.actor_grad_norm;
    entropy += report.entropy;
    num_actor += 1.0;
  }
}

IterationReport FlashSac::describe() const {
  const double per_critic = 1.0 / std::max(1.0, sums_.num_critic);
  const double per_actor = 1.0 / std::max(1.0, sums_.num_actor);
  return {.scalars = {
              {"Loss/critic", sums_.critic_loss * per_critic},
              {"Loss/actor", sums_.actor_loss * per_actor},
              {"Loss/entropy", sums_.entropy * per_actor},
              {"Policy/temperature", learner_.temperature()},
              {"Loss/learning_rate", learner_.learning_rate()},
              {"Policy/clamped_target", sums_.clamped * per_critic},
              {"Policy/critic_grad_norm", sums_.critic_grad_norm * per_critic},
              {"Policy/actor_grad_norm", sums_.actor_grad_norm * per_actor},
              {"Policy/skipped_updates", static_cast<double>(num_skipped_)},
              {"Policy/num_updates", static_cast<double>(learner_.num_updates())},
              {"Replay/size", static_cast<double>(replay_.size())},
              {"Replay/reward_divisor", collector_.reward_divisor()},
              {"Policy/bad_rewards", static_cast<double>(collector_.num_bad_rewards())},
              {"Policy/bad_transitions", static_cast<double>(collector_.num_bad_transitions())},
          }};
}

void FlashSac::act(BatchView<const float> observation, BatchView<float> action) const {
  const flashsac::NetworkShape& shape = learner_.actor.shape();
  require_shape("observation", observation, action.num_rows(), shape.input_dim());
  require_shape("action", action, observation.num_rows(), shape.output_dim() / 2);
  policy_.act(observation, action, pool_);
}

Fields FlashSac::state() {
  Fields fields = policy();
  const auto append = [&](Fields more, const std::string& prefix) {
    for (Field& field : more) {
      field.name = prefix + field.name;
      fields.push_back(std::move(field));
    }
  };
  append(learner_.fields(), "");
  append(collector_.fields(), "collector/");
  append(replay_.fields("replay/"), "");
  append({make_field("step", {}, &step_),
          make_field("sums", {static_cast<std::int64_t>(sizeof sums_ / sizeof(double))},
                     reinterpret_cast<double*>(&sums_)),
          make_field("num_new", {}, &num_new_), make_field("num_skipped", {}, &num_skipped_)},
         "flashsac/");
  return fields;
}

std::unique_ptr<Agent> make_flashsac(const FlashSacConfig& config, const envs::EnvSpec& spec) {
  return std::make_unique<FlashSac>(config, spec);
}

}  // namespace fleet::agents
