#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "cuda/philox.h"
#include "envs/plain_env.h"

namespace fleet::test {

/// Push a point mass to the origin and keep it there: the smallest task that needs a critic.
///
/// Observation groups: actor (position, velocity), critic (the same and the time left). The action
/// is a force. An episode ends (terminated) beyond position 3 and (truncated) after 50 steps.
class PointMassEnv final : public envs::PlainEnv {
 public:
  static constexpr int kEpisodeSteps = 50;

  explicit PointMassEnv(int num_envs, int first_env = 0)
      : state_(static_cast<std::size_t>(num_envs)) {
    spec_.num_envs = num_envs;
    spec_.first_env = first_env;
    spec_.action_dim = 1;
    spec_.max_episode_steps = kEpisodeSteps;
    spec_.control_period = 0.1;
    const ObservationTerm position{.name = "position", .dim = 1, .unit = "m", .frame = "world"};
    const ObservationTerm velocity{.name = "velocity", .dim = 1, .unit = "m/s", .frame = "world"};
    const ObservationTerm time{.name = "time_left", .dim = 1, .unit = "1", .frame = "none"};
    spec_.observations = {{.name = "actor", .terms = {position, velocity}},
                          {.name = "critic", .terms = {position, velocity, time}}};
    spec_.action_bound = {3.0F};
    spec_.observation_mirror = {{.source = {0, 1}, .sign = {-1.0F, -1.0F}},
                                {.source = {0, 1, 2}, .sign = {-1.0F, -1.0F, 1.0F}}};
    spec_.action_mirror = {.source = {0}, .sign = {-1.0F}};
  }

  /// Called at the end of each step, to spoil what was written or to look.
  std::function<void(const envs::StepBuffers&)> after_step = [](const envs::StepBuffers&) {};

  void reset(std::uint64_t seed, const envs::StepBuffers& out) override {
    seed_ = seed;
    for (int env = 0; env < spec_.num_envs; ++env) {
      State& s = state_[static_cast<std::size_t>(env)];
      s = {};
      begin_episode(env, s);
      observe(s, env, out.observation);
    }
  }

  void step(BatchView<const float> action, const envs::StepBuffers& out) override {
    for (int env = 0; env < spec_.num_envs; ++env) {
      State& s = state_[static_cast<std::size_t>(env)];
      const double force = std::clamp(action(env, 0), -3.0F, 3.0F);
      s.velocity += 0.1 * (force - 0.2 * s.velocity);
      s.position += 0.1 * s.velocity;
      ++s.step;
      const auto at = static_cast<std::size_t>(env);
      const double cost = s.position * s.position + 0.1 * s.velocity * s.velocity;
      out.reward[at] = static_cast<float>(std::exp(-cost));
      out.terminated[at] = std::abs(s.position) > 3.0 ? 1 : 0;
      out.truncated[at] = s.step >= kEpisodeSteps ? 1 : 0;
      observe(s, env, out.final_observation);
      if (out.terminated[at] != 0 || out.truncated[at] != 0) {
        ++s.episode;
        begin_episode(env, s);
      }
      observe(s, env, out.observation);
    }
    after_step(out);
  }

  void randomise_episode_clocks() override {
    for (int env = 0; env < spec_.num_envs; ++env) {
      state_[static_cast<std::size_t>(env)].step = (spec_.first_env + env) * 7 % kEpisodeSteps;
    }
  }

  Fields state() override {
    return {make_field("state", {spec_.num_envs, static_cast<std::int64_t>(sizeof(State))},
                       reinterpret_cast<std::uint8_t*>(state_.data())),
            make_field("seed", {}, &seed_)};
  }

 private:
  struct State {
    double position = 0.0;
    double velocity = 0.0;
    std::int64_t step = 0;
    std::int64_t episode = 0;
  };

  void begin_episode(int env, State& s) const {
    Random random(seed_, static_cast<std::uint32_t>(spec_.first_env + env),
                  static_cast<std::uint32_t>(s.episode), 0,
                  static_cast<std::uint32_t>(Purpose::kReset));
    s = {.position = random.uniform(-2.0, 2.0),
         .velocity = random.uniform(-1.0, 1.0),
         .step = 0,
         .episode = s.episode};
  }

  static void observe(const State& s, int env, const std::vector<BatchView<float>>& groups) {
    for (const BatchView<float>& group : groups) {
      group(env, 0) = static_cast<float>(s.position);
      group(env, 1) = static_cast<float>(s.velocity);
    }
    groups[1](env, 2) = static_cast<float>(kEpisodeSteps - s.step) / kEpisodeSteps;
  }

  std::uint64_t seed_ = 0;
  std::vector<State> state_;
};

}  // namespace fleet::test
