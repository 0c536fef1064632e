#include "agents/flashsac/flashsac_benchmark.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

#include "agents/flashsac/learner.h"
#include "cuda/philox.h"

namespace fleet::agents {
namespace {

using Clock = std::chrono::steady_clock;
using flashsac::Learner;
using flashsac::Sizes;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void fill_batch(const FlashSacConfig& config, const Sizes& sizes, Learner<float>& learner) {
  Random random(1, 0, 0, 0, 0);
  const auto normal = [&] { return static_cast<float>(random.normal()); };
  for (int row = 0; row < config.batch_size; ++row) {
    for (const bool is_next : {false, true}) {
      std::generate_n(learner.observation(row, is_next), sizes.critic_dim, normal);
      std::generate_n(learner.actor_observation(row, is_next), sizes.actor_dim, normal);
    }
  }
  std::ranges::generate(learner.batch.action, [&] { return 0.5F * normal(); });
  std::ranges::generate(learner.batch.reward, normal);
  std::ranges::fill(learner.batch.discount, static_cast<float>(config.gamma));
  std::ranges::generate(learner.batch.actor_noise, normal);
  std::ranges::generate(learner.batch.target_noise, normal);
}

double num_parameters(const flashsac::NetworkShape& shape) {
  double count = 0.0;
  for (const flashsac::ArrayShape& array : shape.arrays()) {
    const auto columns = static_cast<double>(array.shape.size() > 1 ? array.shape[1] : 1);
    count += array.is_statistic ? 0.0 : columns * static_cast<double>(array.shape[0]);
  }
  return count;
}

}  // namespace

FlashSacSpeed measure_flashsac(const FlashSacConfig& config, const FlashSacBenchmark& benchmark) {
  const Sizes sizes{
      .actor_dim = benchmark.actor_dim,
      .critic_dim = benchmark.critic_dim > 0 ? benchmark.critic_dim : benchmark.actor_dim,
      .action_dim = benchmark.action_dim};
  ThreadPool pool(config.num_threads);
  Learner<float> learner(config, sizes, pool);
  fill_batch(config, sizes, learner);
  const auto update = [&] {
    for (int i = 0; i < config.actor_period; ++i) {
      learner.update();
    }
  };
  update();
  std::vector<double> times;
  const double cpu_began = cpu_seconds();
  const auto began = Clock::now();
  do {
    const auto start = Clock::now();
    update();
    const std::chrono::duration<double> time = Clock::now() - start;
    times.push_back(time.count() / config.actor_period);
  } while (std::chrono::duration<double>(Clock::now() - began).count() < benchmark.seconds);
  FlashSacSpeed speed;
  speed.cpu_time =
      (cpu_seconds() - cpu_began) / (static_cast<double>(times.size()) * config.actor_period);
  std::ranges::sort(times);
  speed.median_time = times[times.size() / 2];
  speed.best_time = times.front();
  speed.num_parameters = num_parameters(learner.actor.shape()) +
                         config.num_critics * num_parameters(learner.critic.shape()) + 1.0;
  return speed;
}

}  // namespace fleet::agents
