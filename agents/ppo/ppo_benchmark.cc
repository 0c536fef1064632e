#include "agents/ppo/ppo_benchmark.h"

#include <algorithm>
#include <vector>

#include "agents/ppo/ppo.h"
#include "cuda/philox.h"
#include "envs/plain_env.h"

namespace fleet::agents {
namespace {

ObservationGroup group_of(const char* name, int dim) {
  return {.name = name, .terms = {{.name = "noise", .dim = dim, .unit = "1", .frame = "none"}}};
}

envs::EnvSpec spec_of(const PpoBenchmark& benchmark) {
  envs::EnvSpec spec;
  spec.num_envs = benchmark.num_envs;
  spec.action_dim = benchmark.action_dim;
  spec.max_episode_steps = 1000;
  spec.control_period = 0.02;
  spec.observations.push_back(group_of("actor", benchmark.actor_dim));
  if (benchmark.critic_dim > 0) {
    spec.observations.push_back(group_of("critic", benchmark.critic_dim));
  }
  spec.action_bound.assign(static_cast<std::size_t>(benchmark.action_dim), 10.0F);
  return spec;
}

/// Shows pieces of one random table, and rewards small actions.
class NoiseEnv final : public envs::PlainEnv {
 public:
  explicit NoiseEnv(const PpoBenchmark& benchmark) {
    spec_ = spec_of(benchmark);
    Random random(1, 0, 0, 0, 0);
    const int widest = std::max(benchmark.actor_dim, benchmark.critic_dim);
    table_.resize(static_cast<std::size_t>(spec_.num_rows() * widest + kOffsets));
    std::ranges::generate(table_, [&] { return static_cast<float>(random.normal()); });
  }

  void reset(std::uint64_t /*seed*/, const envs::StepBuffers& out) override { show(out); }
  void step(BatchView<const float> action, const envs::StepBuffers& out) override {
    show(out);
    for (int row = 0; row < spec_.num_rows(); ++row) {
      const float x = action(row, 0);
      out.reward[static_cast<std::size_t>(row)] = 1.0F - x * x;
    }
    std::ranges::fill(out.terminated, std::uint8_t{0});
    std::ranges::fill(out.truncated, std::uint8_t{0});
  }

 private:
  static constexpr int kOffsets = 997;

  void show(const envs::StepBuffers& out) {
    ++num_steps_;
    for (const BatchView<float>& group : out.observation) {
      std::copy_n(table_.data() + num_steps_ * 31 % kOffsets, group.size(), group.data());
    }
  }

  std::vector<float> table_;
  int num_steps_ = 0;
};

}  // namespace

PpoSpeed measure_ppo(const PpoConfig& config, const PpoBenchmark& benchmark) {
  NoiseEnv env(benchmark);
  Ppo ppo(config, env.spec());
  ppo.start(env);
  ppo.iterate(env);
  double num_samples = 0.0;
  double collection = 0.0;
  double learning = 0.0;
  do {
    const IterationReport report = ppo.iterate(env);
    num_samples += static_cast<double>(report.env_steps);
    collection += report.collection_time;
    learning += report.learning_time;
  } while (collection + learning < benchmark.seconds);
  return {.samples_per_second = num_samples / (collection + learning),
          .collection_fraction = collection / (collection + learning)};
}

}  // namespace fleet::agents
