#include "apps/evaluation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/interrupt.h"
#include "envs/env_buffers.h"
#include "envs/metric_column.h"

namespace fleet {
namespace {

/// Columns of the metrics that the protocol of the velocity tasks reads.
struct Columns {
  int lin_vel_error, yaw_rate_error, fallen, settled, command;
};

struct Mean {
  double sum = 0.0;
  double count = 0.0;
  void add(double value) {
    sum += value;
    count += 1.0;
  }
  double value() const { return count > 0.0 ? sum / count : 0.0; }
};

/// Mean and standard deviation of value(0), ..., value(count - 1).
template <class F>
MetricSummary summary(const std::string& name, std::size_t count, const F& value) {
  MetricSummary result{.name = name};
  const auto n = static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    result.mean += value(i) / n;
  }
  for (std::size_t i = 0; i < count; ++i) {
    result.std += (value(i) - result.mean) * (value(i) - result.mean) / n;
  }
  result.std = std::sqrt(result.std);
  return result;
}

/// Whether step() takes another number than this one: beyond the bound, or not a number.
bool is_clipped(float action, float bound) { return !(std::abs(action) <= bound); }

constexpr std::array<const char*, 5> kCommands{"standing", "forward", "backward", "sideways",
                                               "turning"};

/// Which of kCommands a command is: by its largest component, speeds and turns in their units.
std::size_t command_kind(double vx, double vy, double wz) {
  if (std::hypot(vx, vy) + std::abs(wz) < 0.05) {
    return 0;
  }
  if (std::abs(wz) > std::abs(vx) && std::abs(wz) > std::abs(vy)) {
    return 4;
  }
  return std::abs(vy) > std::abs(vx) ? 3 : vx > 0.0 ? 1 : 2;
}

/// What the protocol adds up over all envs.
class Tally {
 public:
  Tally(const envs::EnvSpec& spec)
      : at_{envs::metric_column(spec, "lin_vel_error"), envs::metric_column(spec, "yaw_rate_error"),
            envs::metric_column(spec, "fallen"), envs::metric_column(spec, "settled"),
            envs::metric_column(spec, "command_lin_vel_x")},
        action_bound_(spec.action_bound),
        returns_(static_cast<std::size_t>(spec.num_rows())),
        num_players_(spec.num_players),
        max_episode_steps_(spec.max_episode_steps),
        fallen_(returns_.size()),
        ended_(returns_.size()),
        metric_names_(has_errors() ? std::vector<std::string>() : spec.metrics),
        last_metrics_(returns_.size() * metric_names_.size()) {}

  bool has_errors() const { return at_.lin_vel_error >= 0; }
  bool all_ended() const {
    return std::ranges::all_of(ended_, [](auto e) { return e != 0; });
  }

  void add(const envs::EnvBuffers& buffers) {
    ++step_;
    for (std::size_t row = 0; row < returns_.size(); ++row) {
      if (ended_[row] != 0) {
        continue;
      }
      const std::size_t env = row / static_cast<std::size_t>(num_players_);
      returns_[row] += buffers.reward[row];
      length_ += 1.0;
      add_clipped(buffers.action.data() + row * action_bound_.size());
      if (has_errors()) {
        add_errors(buffers, row);
      } else {
        std::ranges::copy(buffers.views.metrics.row(static_cast<int>(row)),
                          last_metrics_.begin() +
                              static_cast<std::ptrdiff_t>(row * metric_names_.size()));
      }
      ended_[row] = buffers.terminated[row] | buffers.truncated[env];
    }
  }

  Evaluation result() const;

 private:
  /// @param action (action_dim)
  void add_clipped(const float* action) {
    for (std::size_t k = 0; k < action_bound_.size(); ++k) {
      clipped_.add(is_clipped(action[k], action_bound_[k]) ? 1.0 : 0.0);
    }
  }

  void add_errors(const envs::EnvBuffers& buffers, std::size_t row) {
    const auto metric = [&](int k) {
      return static_cast<double>(buffers.views.metrics(static_cast<int>(row), k));
    };
    if (fallen_[row] != 0) {
      return;  // errors count up to the first fall
    }
    const auto env = row / static_cast<std::size_t>(num_players_);
    if (buffers.truncated[env] != 0 && step_ < max_episode_steps_) {
      fallen_[row] = 1;  // the world diverged: breaking physics is no way to stay up
      return;
    }
    lin_vel_.add(metric(at_.lin_vel_error));
    yaw_rate_.add(metric(at_.yaw_rate_error));
    if (metric(at_.settled) > 0.5) {
      settled_.add(metric(at_.lin_vel_error));
    }
    const int c = at_.command;
    const std::size_t kind = command_kind(metric(c), metric(c + 1), metric(c + 2));
    kind_lin_vel_[kind].add(metric(at_.lin_vel_error));
    kind_yaw_rate_[kind].add(metric(at_.yaw_rate_error));
    const bool falls = metric(at_.fallen) > 0.5 || buffers.terminated[row] != 0;
    fallen_[row] = falls ? 1 : 0;
  }

  Columns at_;
  std::vector<float> action_bound_;  // (action_dim)
  std::vector<double> returns_;
  int num_players_;
  int max_episode_steps_;
  int step_ = 0;
  std::vector<std::uint8_t> fallen_, ended_;
  std::vector<std::string> metric_names_;  // of a task without errors
  std::vector<float> last_metrics_;        // (num_rows, metric_names_), up to the episode's end
  double length_ = 0.0;
  Mean lin_vel_, settled_, yaw_rate_, clipped_;
  std::array<Mean, kCommands.size()> kind_lin_vel_, kind_yaw_rate_;
};

Evaluation Tally::result() const {
  Evaluation result;
  const auto n = static_cast<double>(returns_.size());
  result.num_episodes = static_cast<int>(returns_.size()) / num_players_;
  const MetricSummary returns = summary("return", returns_.size(), [&](std::size_t row) {
    return returns_[row];
  });
  result.return_mean = returns.mean;
  result.return_std = returns.std;
  for (std::size_t k = 0; k < metric_names_.size(); ++k) {
    result.metrics.push_back(summary(metric_names_[k], returns_.size(), [&](std::size_t row) {
      return double{last_metrics_[row * metric_names_.size() + k]};
    }));
  }
  result.length_mean = length_ / n;
  result.clip_fraction = clipped_.value();
  result.has_errors = has_errors();
  const auto falls = static_cast<int>(std::ranges::count(fallen_, 1));
  result.fall_rate = falls / n;
  result.fall_rate_ci95 = wilson_interval(falls, result.num_episodes);
  result.lin_vel_error = lin_vel_.value();
  result.lin_vel_error_settled = settled_.value();
  result.yaw_rate_error = yaw_rate_.value();
  for (std::size_t kind = 0; kind < kCommands.size() && has_errors(); ++kind) {
    result.by_command.push_back(
        {kCommands[kind], lin_vel_.count > 0 ? kind_lin_vel_[kind].count / lin_vel_.count : 0,
         kind_lin_vel_[kind].value(), kind_yaw_rate_[kind].value()});
  }
  return result;
}

}  // namespace

envs::EnvConfig evaluation_config(envs::EnvConfig config, int num_episodes) {
  config.options.num_envs = num_episodes;
  config.options.evaluation = true;
  config.velocity.measure_falls = config.task == "velocity";
  config.velocity.command.stages.resize(1);
  config.velocity.curriculum = {};
  config.go1_joystick.curriculum = config.g1_joystick.curriculum = {};
  return config;
}

Evaluation evaluate(envs::BatchEnv& env, const Act& act, std::uint64_t seed) {
  const envs::EnvSpec& spec = env.spec();
  envs::EnvBuffers buffers(spec);
  Tally tally(spec);
  env.reset(seed, buffers.views);
  while (!tally.all_ended() && !is_interrupted()) {
    act(buffers.views.observation[0], buffers.action_view());
    env.step(buffers.action_view(), buffers.views);
    tally.add(buffers);
  }
  Evaluation result = tally.result();
  result.seed = seed;
  return result;
}

std::array<double, 2> wilson_interval(int count, int total) {
  if (total == 0) {
    return {0.0, 1.0};
  }
  constexpr double kZ = 1.959963984540054;
  const double n = total;
  const double p = count / n;
  const double middle = p + kZ * kZ / (2.0 * n);
  const double spread = kZ * std::sqrt(p * (1.0 - p) / n + kZ * kZ / (4.0 * n * n));
  const double scale = 1.0 + kZ * kZ / n;
  return {std::max(0.0, (middle - spread) / scale), std::min(1.0, (middle + spread) / scale)};
}

std::string to_json(const Evaluation& evaluation) {
  nlohmann::ordered_json json;
  json["task"] = evaluation.task;
  json["backend"] = evaluation.backend;
  json["seed"] = evaluation.seed;
  json["episodes"] = evaluation.num_episodes;
  if (evaluation.has_errors) {
    json["fall_rate"] = evaluation.fall_rate;
    json["fall_rate_ci95"] = evaluation.fall_rate_ci95;
    json["lin_vel_error"] = evaluation.lin_vel_error;
    json["lin_vel_error_settled"] = evaluation.lin_vel_error_settled;
    json["yaw_rate_error"] = evaluation.yaw_rate_error;
  }
  json["return_mean"] = evaluation.return_mean;
  json["return_std"] = evaluation.return_std;
  json["length_mean"] = evaluation.length_mean;
  if (evaluation.has_errors) {
    for (const CommandErrors& errors : evaluation.by_command) {
      json["by_command"][errors.command] = {{"share", errors.share},
                                            {"lin_vel_error", errors.lin_vel_error},
                                            {"yaw_rate_error", errors.yaw_rate_error}};
    }
  }
  for (const MetricSummary& metric : evaluation.metrics) {
    json["metrics"][metric.name] = {{"mean", metric.mean}, {"std", metric.std}};
  }
  json["clip_fraction"] = evaluation.clip_fraction;
  return json.dump(2) + "\n";
}

std::string to_table(const Evaluation& e) {
  std::string text =
      fmt::format("Evaluation on {} ({} episodes, deterministic policy, on {}, seed {})\n", e.task,
                  e.num_episodes, e.backend, e.seed);
  text += fmt::format("  return           {:10.2f} +- {:.2f}\n", e.return_mean, e.return_std);
  text += fmt::format("  episode length   {:10.1f} steps\n", e.length_mean);
  if (e.has_errors) {
    text +=
        fmt::format("  fall_rate        {:10.2f} %    (95 %: {:.2f} to {:.2f})\n",
                    100.0 * e.fall_rate, 100.0 * e.fall_rate_ci95[0], 100.0 * e.fall_rate_ci95[1]);
    text += fmt::format("  lin_vel_error    {:10.3f} m/s  (settled: {:.3f})\n", e.lin_vel_error,
                        e.lin_vel_error_settled);
    text += fmt::format("  yaw_rate_error   {:10.3f} rad/s\n", e.yaw_rate_error);
    for (const CommandErrors& errors : e.by_command) {
      text += fmt::format("    {:<10} {:5.1f} %   {:.3f} m/s   {:.3f} rad/s\n", errors.command,
                          100.0 * errors.share, errors.lin_vel_error, errors.yaw_rate_error);
    }
  }
  for (const MetricSummary& metric : e.metrics) {
    text += fmt::format("  {:<16} {:10.3f} +- {:.3f}\n", metric.name, metric.mean, metric.std);
  }
  text += fmt::format("  clipped actions  {:10.3f} %\n", 100.0 * e.clip_fraction);
  return text;
}

}  // namespace fleet
