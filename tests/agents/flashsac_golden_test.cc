// Twelve updates of FlashSAC's authors, recorded in double precision: the same weights, batches and
// noise give the same parameters, running statistics, losses and temperature. In float, too, as far
// as float reaches. tests/testdata/golden/ says what was recorded; FLEET_GOLDEN_DIR names another
// folder.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "agents/flashsac/learner.h"
#include "agents/flashsac/reward_scale.h"
#include "apps/files/safetensors.h"

namespace fleet::agents::flashsac {
namespace {

/// Tensors of either precision, as doubles, by the authors' names.
class Recording {
 public:
  Recording() : reader_(folder() + "/flashsac_update_f64.safetensors") {}

  double number(const std::string& key) const {
    return std::stod(reader_.header().metadata.at(key));
  }
  int count(const std::string& key) const { return static_cast<int>(number(key)); }
  std::string text(const std::string& key) const { return reader_.header().metadata.at(key); }
  bool has(const std::string& name) const { return reader_.header().find(name) != nullptr; }
  std::vector<double> values(const std::string& name) const {
    if (reader_.info(name).dtype == DType::kF64) {
      return reader_.values<double>(name);
    }
    const std::vector<float> single = reader_.values<float>(name);
    return {single.begin(), single.end()};
  }
  int rows(const std::string& name) const { return static_cast<int>(reader_.info(name).shape[0]); }

 private:
  static std::string folder() {
    const char* const given = std::getenv("FLEET_GOLDEN_DIR");
    return given != nullptr ? given : FLEET_SOURCE_DIR "/tests/testdata/golden";
  }

  files::SafetensorsReader reader_;
};

FlashSacConfig config_of(const Recording& recorded) {
  FlashSacConfig config;
  config.num_updates = recorded.count("decay_steps");
  config.actor_width = recorded.count("actor_width");
  config.actor_blocks = recorded.count("blocks");
  config.critic_width = recorded.count("critic_width");
  config.critic_blocks = recorded.count("blocks");
  config.batch_size = recorded.count("batch");
  config.num_bins = recorded.count("bins");
  config.max_value = recorded.number("max_value");
  config.gamma = recorded.number("gamma");
  config.n_step = recorded.count("n_step");
  config.tau = recorded.number("tau");
  config.actor_period = recorded.count("actor_update_period");
  config.learning_rate = recorded.number("lr_peak");
  config.final_learning_rate = recorded.number("lr_end");
  config.initial_temperature = recorded.number("temperature_init");
  config.target_sigma = recorded.number("target_sigma");
  return config;
}

Sizes sizes_of(const Recording& recorded) {
  return {.actor_dim = recorded.count("actor_observation"),
          .critic_dim = recorded.count("critic_observation"),
          .action_dim = recorded.count("action")};
}

/// The authors' name of one of our arrays; the actor's head is two of theirs, hence a list.
std::vector<std::string> their_names(const std::string& ours, bool is_actor, int num_layers) {
  const std::string linear = is_actor ? ".w.weight" : ".weight";
  const std::map<std::string, std::string> norm{{"scale", "weight"},
                                                {"shift", "bias"},
                                                {"mean", "running_mean"},
                                                {"variance", "running_var"}};
  const std::size_t dot = ours.find('.');
  const std::string where = ours.substr(0, dot);
  const std::string what = ours.substr(dot + 1);
  if (where == "input_norm") {
    return {"embedder.norm." + norm.at(what)};
  }
  if (where == "feature_norm") {
    return {"post_norm.weight"};
  }
  const int layer = std::stoi(where);
  if (layer == 0) {
    return {"embedder.w" + linear};
  }
  if (layer + 1 == num_layers) {
    if (!is_actor) {
      return {what == "weight" ? "predictor.w.weight" : "predictor.bias"};
    }
    return what == "weight"
               ? std::vector<std::string>{"predictor.mean_w.w.weight", "predictor.std_w.w.weight"}
               : std::vector<std::string>{"predictor.mean_bias", "predictor.std_bias"};
  }
  const std::string block = "encoder." + std::to_string((layer - 1) / 2) + '.';
  const std::string half = (layer - 1) % 2 == 0 ? "1" : "2";
  return {what == "weight" ? block + 'w' + half + linear
                           : block + "norm" + half + '.' + norm.at(what.substr(5))};
}

/// Calls visit(our number, their number, whether it is a running statistic) for a whole network.
template <typename T, typename Visit>
void compare(const Recording& recorded, const std::string& prefix, bool is_actor,
             Network<T>& network, const Visit& visit) {
  const NetworkShape& shape = network.shape();
  for (const ArrayShape& array : shape.arrays()) {
    std::vector<double> theirs;
    for (const std::string& name : their_names(array.name, is_actor, shape.num_layers())) {
      const std::vector<double> part = recorded.values(prefix + name);
      theirs.insert(theirs.end(), part.begin(), part.end());
    }
    std::size_t next = 0;
    for (int member = 0; member < network.num_members(); ++member) {
      T* const base = (array.is_statistic ? network.member_statistics(member)
                                          : network.member(network.parameters, member)) +
                      array.offset;
      const auto num_columns =
          static_cast<std::size_t>(array.shape.size() > 1 ? array.shape[1] : 1);
      for (std::size_t row = 0; row < static_cast<std::size_t>(array.shape[0]); ++row) {
        for (std::size_t column = 0; column < num_columns; ++column) {
          visit(base[row * array.row_stride + column], theirs.at(next++), array.is_statistic);
        }
      }
    }
    ASSERT_EQ(next, theirs.size()) << array.name;
  }
}

template <typename T, typename Visit>
void compare_all(const Recording& recorded, const std::string& when, Learner<T>& learner,
                 const Visit& visit) {
  compare(recorded, when + "/actor/", true, learner.actor, visit);
  compare(recorded, when + "/critic/", false, learner.critic, visit);
  // What the target's statistics were is never used; ours follow nobody.
  compare(recorded, when + "/target/", false, learner.target,
          [&](T& ours, double theirs, bool is_statistic) {
            if (!is_statistic) {
              visit(ours, theirs, false);
            }
          });
}

std::string update_name(int update) {
  return std::string("update") + (update < 10 ? "0" : "") + std::to_string(update);
}

template <typename T>
void load_batch(const Recording& recorded, int update, const FlashSacConfig& config,
                const Sizes& sizes, Learner<T>& learner) {
  const std::string name = update_name(update);
  for (const bool is_next : {false, true}) {
    const std::vector<double> rows =
        recorded.values(name + (is_next ? "/batch/next_observation" : "/batch/observation"));
    for (int row = 0; row < config.batch_size; ++row) {
      const auto from = rows.begin() + row * sizes.critic_dim;
      std::copy_n(from, sizes.critic_dim, learner.observation(row, is_next));
      std::copy_n(from, sizes.actor_dim, learner.actor_observation(row, is_next));
    }
  }
  const auto copy = [&](const std::string& what, AlignedVector<T>& to) {
    const std::vector<double> from = recorded.values(name + what);
    std::copy_n(from.begin(), to.size(), to.begin());
  };
  copy("/batch/action", learner.batch.action);
  copy("/batch/reward", learner.batch.reward);
  copy("/noise/critic", learner.batch.target_noise);
  if (recorded.has(name + "/noise/actor")) {
    copy("/noise/actor", learner.batch.actor_noise);
  }
  const std::vector<double> terminated = recorded.values(name + "/batch/terminated");
  const double discount = std::pow(config.gamma, config.n_step);
  for (std::size_t row = 0; row < terminated.size(); ++row) {
    learner.batch.discount[row] = static_cast<T>(discount * (1.0 - terminated[row]));
  }
}

/// Largest |ours - theirs| / (1 + |theirs|), and how many were beyond a tolerance.
struct Worst {
  double tolerance;
  double difference = 0.0;
  std::size_t num_beyond = 0, num_seen = 0;

  void see(double ours, double theirs) {
    const double now = std::abs(ours - theirs) / (1.0 + std::abs(theirs));
    difference = now <= difference ? difference : now;
    num_beyond += now <= tolerance ? 0 : 1;
    ++num_seen;
  }
};

template <typename T>
struct Outcome {
  Worst parameters{std::is_same_v<T, double> ? 1e-9 : 2e-5};
  Worst losses{std::is_same_v<T, double> ? 1e-9 : 1e-4};
  Worst temperature{std::is_same_v<T, double> ? 1e-9 : 1e-6};
};

template <typename T>
void see_report(const Recording& recorded, int update, const UpdateReport& report,
                double temperature, Outcome<T>& outcome) {
  const std::string info = update_name(update) + "/info/";
  const auto theirs = [&](const char* what) { return recorded.values(info + what)[0]; };
  outcome.losses.see(report.critic_loss, theirs("critic/loss"));
  EXPECT_EQ(report.has_actor, recorded.has(info + "actor/loss"));
  if (report.has_actor) {
    outcome.losses.see(report.actor_loss, theirs("actor/loss"));
    outcome.losses.see(report.entropy, theirs("actor/entropy"));
    outcome.losses.see(report.temperature_loss, theirs("temperature/loss"));
    outcome.temperature.see(temperature, theirs("temperature/value"));
  }
}

/// The recorded updates, by the production code in T.
template <typename T>
Outcome<T> replay(const Recording& recorded, Learner<T>& learner) {
  const FlashSacConfig config = config_of(recorded);
  const Sizes sizes = sizes_of(recorded);
  compare_all<T>(recorded, "init", learner,
                 [](T& ours, double theirs, bool) { ours = static_cast<T>(theirs); });
  learner.log_temperature = recorded.values("init/temperature/log_temp")[0];
  learner.prepare(false);
  Outcome<T> outcome;
  for (int update = 0; update < recorded.count("updates"); ++update) {
    load_batch(recorded, update, config, sizes, learner);
    const double temperature = learner.temperature();
    const UpdateReport report = learner.update();
    EXPECT_FALSE(report.is_actor_skipped || report.is_critic_skipped);
    const std::string when = "after" + update_name(update).substr(6);
    see_report(recorded, update, report, temperature, outcome);
    if (recorded.has(when + "/temperature/log_temp")) {
      outcome.temperature.see(learner.log_temperature,
                              recorded.values(when + "/temperature/log_temp")[0]);
      compare_all<T>(recorded, when, learner, [&](T& ours, double theirs, bool) {
        outcome.parameters.see(static_cast<double>(ours), theirs);
      });
    }
  }
  return outcome;
}

TEST(FlashSacGoldenTest, TwelveUpdatesEqualTheAuthorsToTheDigit) {
  const Recording recorded;
  ThreadPool pool(2);
  Learner<double> learner(config_of(recorded), sizes_of(recorded), pool);
  const Outcome<double> outcome = replay(recorded, learner);
  EXPECT_GT(outcome.parameters.num_seen, 100'000U);
  EXPECT_EQ(outcome.parameters.num_beyond, 0U) << outcome.parameters.difference;
  EXPECT_EQ(outcome.losses.num_beyond, 0U) << outcome.losses.difference;
  EXPECT_EQ(outcome.temperature.num_beyond, 0U) << outcome.temperature.difference;
  RecordProperty("parameters", std::to_string(outcome.parameters.difference * 1e12));
  RecordProperty("losses", std::to_string(outcome.losses.difference * 1e12));
}

/// Adam turns a gradient of nearly zero into a step of nearly the whole learning rate, so that a
/// few parameters of two correct programs in float differ by as much.
TEST(FlashSacGoldenTest, TwelveUpdatesInFloatStayAsCloseAsFloatCan) {
  const Recording recorded;
  ThreadPool pool(1);
  Learner<float> learner(config_of(recorded), sizes_of(recorded), pool);
  const Outcome<float> outcome = replay(recorded, learner);
  EXPECT_LE(outcome.parameters.num_beyond, outcome.parameters.num_seen / 1000)
      << outcome.parameters.difference;
  EXPECT_EQ(outcome.losses.num_beyond, 0U) << outcome.losses.difference;
  EXPECT_EQ(outcome.temperature.num_beyond, 0U) << outcome.temperature.difference;
  RecordProperty("parameters_beyond", std::to_string(outcome.parameters.num_beyond));
}

TEST(FlashSacGoldenTest, FinalNetworksEvaluateAsRecorded) {
  const Recording recorded;
  const FlashSacConfig config = config_of(recorded);
  const Sizes sizes = sizes_of(recorded);
  ThreadPool pool(1);
  Learner<double> learner(config, sizes, pool);
  replay(recorded, learner);
  const int num_rows = recorded.rows("eval/observation");
  Pass<double> actor_pass(learner.actor.shape(), 1, num_rows);
  Pass<double> critic_pass(learner.critic.shape(), config.num_critics, num_rows);
  const std::vector<double> observation = recorded.values("eval/observation");
  const std::vector<double> action = recorded.values("eval/action");
  for (int row = 0; row < num_rows; ++row) {
    const double* const from = observation.data() + row * sizes.critic_dim;
    std::copy_n(from, sizes.actor_dim, actor_pass.input(row));
    std::copy_n(from, sizes.critic_dim, critic_pass.input(row));
    std::copy_n(action.data() + row * sizes.action_dim, sizes.action_dim,
                critic_pass.input(row) + sizes.critic_dim);
  }
  actor_pass.forward(learner.actor, Statistics::kRunning, {0, num_rows}, {0, num_rows}, pool);
  critic_pass.forward(learner.critic, Statistics::kRunning, {0, num_rows}, {0, num_rows}, pool);
  Worst worst{1e-9};
  const std::vector<double> mean = recorded.values("eval/actor_mean");
  const std::vector<double> std = recorded.values("eval/actor_std");
  const std::vector<double> q = recorded.values("eval/q");
  const kernels::Atoms<double> atoms(config.num_bins, -config.max_value, config.max_value);
  std::vector<double> probability(static_cast<std::size_t>(config.num_bins));
  for (int row = 0; row < num_rows; ++row) {
    const double* const output = actor_pass.output(0, row);
    for (int j = 0; j < sizes.action_dim; ++j) {
      const auto at = static_cast<std::size_t>(row * sizes.action_dim + j);
      const SquashedSample<double> sample(output[j], output[sizes.action_dim + j], 0.0, {});
      worst.see(output[j], mean[at]);
      worst.see(sample.std, std[at]);
    }
    for (int member = 0; member < config.num_critics; ++member) {
      kernels::softmax<double>({critic_pass.output(member, row), probability.size()}, probability);
      worst.see(kernels::expectation<double>(probability, atoms),
                q[static_cast<std::size_t>(member * num_rows + row)]);
    }
  }
  EXPECT_EQ(worst.num_beyond, 0U) << worst.difference;
}

TEST(FlashSacGoldenTest, RewardDivisorIsTheirs) {
  const Recording recorded;
  const std::vector<double> reward = recorded.values("reward_norm/reward");
  const std::vector<double> terminated = recorded.values("reward_norm/terminated");
  const std::vector<double> truncated = recorded.values("reward_norm/truncated");
  const std::vector<double> divisor = recorded.values("reward_norm/divisor");
  const int num_steps = recorded.rows("reward_norm/divisor");
  const auto num_rows = static_cast<int>(reward.size()) / num_steps;
  RewardScale scale(num_rows, recorded.number("reward_norm_gamma"),
                    recorded.number("reward_norm_g_max"));
  for (int step = 0; step < num_steps; ++step) {
    std::vector<float> rewards;
    std::vector<std::uint8_t> ends;
    for (int row = 0; row < num_rows; ++row) {
      const auto at = static_cast<std::size_t>(step * num_rows + row);
      rewards.push_back(static_cast<float>(reward[at]));
      ends.push_back(terminated[at] != 0.0 || truncated[at] != 0.0 ? 1 : 0);
    }
    scale.update(rewards, ends);
    EXPECT_NEAR(scale.divisor() / divisor[static_cast<std::size_t>(step)], 1.0, 1e-6) << step;
  }
}

}  // namespace
}  // namespace fleet::agents::flashsac
