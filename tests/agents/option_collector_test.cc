// Tests for agents/ppo/collector.h and rollout.h where rows decide at times only.

#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "agents/ppo/collector.h"

namespace fleet::agents {
namespace {

/// A script: what happens at a time depends on env and time alone. Observations are unique.
class ScriptEnv final : public envs::BatchEnv {
 public:
  explicit ScriptEnv(int num_envs) {
    spec_.num_envs = num_envs;
    spec_.action_dim = 1;
    spec_.decides_at_times = true;
    spec_.observations = {{.name = "actor",
                           .noisy = false,
                           .terms = {{.name = "time", .dim = 1, .unit = "s", .frame = "none"}}}};
    spec_.action_bound = {1.0F};
  }
  static float seen(int env, int time) {
    return std::sin(0.37F * static_cast<float>(time) + static_cast<float>(env));
  }
  static float seen_last(int env, int time) { return 2.0F + seen(env, time); }
  static float reward(int env, int time) { return static_cast<float>((3 * time + env) % 5) - 1.5F; }
  static bool terminates(int env, int time) { return (time + 5 * env) % 37 == 29; }
  static bool is_truncated(int env, int time) { return (time + 5 * env) % 37 == 13; }
  static bool decides(int env, int time) {
    const bool begins = time == 0 || terminates(env, time - 1) || is_truncated(env, time - 1);
    return begins || (time * time + env) % 7 == 2;
  }

  const envs::EnvSpec& spec() const override { return spec_; }
  void reset(std::uint64_t /*seed*/, const envs::StepBuffers& out) override {
    time_ = 0;
    show(out);
  }
  void step(BatchView<const float> action, const envs::StepBuffers& out) override {
    actions.emplace_back(action.data(), action.data() + action.size());
    for (int env = 0; env < spec_.num_envs; ++env) {
      const auto k = static_cast<std::size_t>(env);
      out.reward[k] = reward(env, time_);
      out.terminated[k] = terminates(env, time_) ? 1 : 0;
      out.truncated[k] = is_truncated(env, time_) ? 1 : 0;
      out.final_observation[0](env, 0) = seen_last(env, time_);
    }
    ++time_;
    show(out);
  }
  void reset_to(std::uint64_t seed, BatchView<const double> /*qpos*/,
                BatchView<const double> /*qvel*/, const envs::StepBuffers& out) override {
    reset(seed, out);
  }
  void record(const envs::UnroundedBuffers& /*buffers*/) override {}
  void randomise_episode_clocks() override {}
  Fields state() override { return {}; }
  void restore() override {}
  envs::Statistics take_statistics() override { return {}; }
  Fields divergence_dump() override { return {}; }
  int nq() const override { return 0; }
  int nv() const override { return 0; }

  std::vector<std::vector<float>> actions;  // that it was given, by time and env

 private:
  void show(const envs::StepBuffers& out) const {
    for (int env = 0; env < spec_.num_envs; ++env) {
      out.observation[0](env, 0) = seen(env, time_);
      out.decides[static_cast<std::size_t>(env)] = decides(env, time_) ? 1 : 0;
    }
  }
  envs::EnvSpec spec_;
  int time_ = 0;
};

struct Case {
  static constexpr int kEnvs = 5;

  static PpoConfig config_of() {
    PpoConfig config;
    config.num_steps = 4;  // shorter than many an option
    config.gamma = 0.9;
    config.lambda = 0.0;  // so that a decision's advantage asks for nothing beyond the next
    config.actor_hidden_dims = config.critic_hidden_dims = {8};
    config.normalise_observations = false;
    config.randomise_episode_clocks = false;
    return config;
  }
  float value_of(float seen) {
    model.critic_normaliser.apply({&seen, 1}, workspaces[0].critic.input(0));
    model.critic.mlp().forward(1, workspaces[0].critic);
    return *workspaces[0].critic.output(0);
  }

  PpoConfig config = config_of();
  ScriptEnv env{kEnvs};
  ThreadPool pool{1};
  ActorCritic model{config, env.spec()};
  std::vector<Workspace> workspaces{1, Workspace(model)};
  Rollout rollout{env.spec(), config.num_steps, 1};
  Collector collector{config, model, rollout, workspaces, pool};
};

/// By the definition, from a script that is known from beginning to end.
double advantage_by_definition(Case& c, int env, int begin) {
  double sum = 0.0;
  double discount = 1.0;
  for (int time = begin;; ++time) {
    sum += discount * double{ScriptEnv::reward(env, time)};
    discount *= c.config.gamma;
    const double value = double{c.value_of(ScriptEnv::seen(env, begin))};
    if (ScriptEnv::terminates(env, time)) {
      return sum - value;
    }
    if (ScriptEnv::is_truncated(env, time)) {
      return sum + discount * double{c.value_of(ScriptEnv::seen_last(env, time))} - value;
    }
    if (ScriptEnv::decides(env, time + 1)) {
      return sum + discount * double{c.value_of(ScriptEnv::seen(env, time + 1))} - value;
    }
  }
}

TEST(OptionCollectorTest, EveryDecisionIsLearntOnceAsTakenWithAllThatItEarned) {
  constexpr int kRollouts = 40;
  Case c;
  c.collector.start(c.env);
  struct Learnt {
    float advantage, action;
  };
  std::map<std::pair<int, float>, Learnt> decisions;  // by env and observation
  for (int rollout = 0; rollout < kRollouts; ++rollout) {
    c.collector.collect(c.env, [] { return false; });
    for (const int sample : c.rollout.samples) {
      const int env = sample % Case::kEnvs;
      const float seen = c.rollout.sample_observation(0, sample)[0];
      const Learnt learnt{c.rollout.advantage[static_cast<std::size_t>(sample)],
                          c.rollout.row(c.rollout.action, 0, sample)[0]};
      EXPECT_TRUE(decisions.emplace(std::pair(env, seen), learnt).second);
    }
    c.rollout.carry_over();
  }
  std::size_t num_ended = 0;
  for (int env = 0; env < Case::kEnvs; ++env) {
    int last = -1;  // its decision is under way when the last rollout ends, unless one is due then
    for (int time = 0; time <= kRollouts * c.config.num_steps; ++time) {
      if (!ScriptEnv::decides(env, time)) {
        continue;
      }
      if (last >= 0) {
        ++num_ended;
        const auto found = decisions.find({env, ScriptEnv::seen(env, last)});
        ASSERT_NE(found, decisions.end()) << "env " << env << ", time " << last;
        EXPECT_NEAR(found->second.advantage, advantage_by_definition(c, env, last), 2e-5);
        EXPECT_EQ(found->second.action,
                  c.env.actions[static_cast<std::size_t>(last)][static_cast<std::size_t>(env)]);
      }
      last = time;
    }
  }
  EXPECT_EQ(decisions.size(), num_ended);
  EXPECT_GT(num_ended, 100U);
}

}  // namespace
}  // namespace fleet::agents
