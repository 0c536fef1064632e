#include "apps/log/console.h"

#include <cmath>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

namespace fleet::log {
namespace {

constexpr int kWidth = 80;
constexpr int kLabelWidth = 36;
constexpr std::string_view kLoss = "Loss/";
constexpr std::string_view kClipFraction = "Env/clip_fraction";
constexpr double kMuchClipped = 0.01;  // of the action components

std::string number(double value) {
  const double magnitude = std::abs(value);
  const bool is_small = magnitude > 0.0 && magnitude < 1e-3;
  return is_small || magnitude >= 1e7 ? fmt::format("{:.3e}", value) : fmt::format("{:.4f}", value);
}

/// Returns "1:02:03"; "unknown" before there is an estimate.
std::string duration(double seconds) {
  if (!(seconds >= 0.0 && seconds < 1e9)) {
    return "unknown";
  }
  const auto whole = static_cast<std::int64_t>(seconds);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string row(std::string_view label, std::string_view value) {
  return fmt::format("{:>{}} {}\n", label, kLabelWidth, value);
}

/// Returns the words under which rsl_rl prints a tag; empty if the block has it elsewhere.
std::string label_of(std::string_view tag) {
  if (tag.starts_with("Perf/")) {
    return tag == "Perf/total_fps" || tag == "Perf/collection_time" || tag == "Perf/learning_time"
               ? ""
               : fmt::format("{}:", tag);
  }
  if (tag == "Train/mean_reward") {
    return "Mean reward:";
  }
  if (tag == "Train/mean_episode_length") {
    return "Mean episode length:";
  }
  if (tag == "Policy/mean_std") {
    return "Mean action std:";
  }
  if (tag == kClipFraction) {
    return "Clipped action components:";
  }
  if (tag.starts_with(kLoss) && tag != "Loss/learning_rate") {
    return fmt::format("Mean {} loss:", tag.substr(kLoss.size()));
  }
  return fmt::format("{}:", tag);
}

/// Says which group of the block a tag belongs to; within a group the order is the caller's.
int group_of(std::string_view tag) {
  if (tag.starts_with(kLoss)) {
    return 0;
  }
  if (tag.starts_with("Policy/")) {
    return 1;
  }
  return tag.starts_with("Train/") ? 2 : 3;
}

constexpr int kNumGroups = 4;

std::string computation(const IterationLog& log) {
  return fmt::format("{:.0f} steps/s (collection: {:.3f}s, learning {:.3f}s)",
                     log.find("Perf/total_fps").value_or(0.0), log.collection_time,
                     log.learning_time);
}

}  // namespace

std::string iteration_block(const IterationLog& log) {
  std::string out = std::string(kWidth, '#') + "\n";
  out += fmt::format("\033[1m{:^{}}\033[0m\n\n",
                     fmt::format("Learning iteration {}/{}", log.iteration, log.num_iterations),
                     kWidth);
  out += row("Computation:", computation(log));
  for (int group = 0; group < kNumGroups; ++group) {
    for (const auto& [tag, value] : log.scalars) {
      if (const std::string label = label_of(tag); group == group_of(tag) && !label.empty()) {
        out += row(label, number(value));
      }
    }
  }
  out += std::string(kWidth, '-') + "\n";
  out += row("Total timesteps:", std::to_string(log.env_steps));
  out += row("Iteration time:", fmt::format("{:.2f}s", log.collection_time + log.learning_time));
  out += row("Total time:", duration(log.total_time));
  out += row("ETA:", duration(log.eta));
  return out + "\n";
}

std::string iteration_line(const IterationLog& log) {
  std::string out = fmt::format("Learning iteration {}/{}: {}", log.iteration, log.num_iterations,
                                computation(log));
  if (const auto reward = log.find("Train/mean_reward")) {
    out += ", mean reward " + number(*reward);
  }
  if (const auto length = log.find("Train/mean_episode_length")) {
    out += fmt::format(", mean episode length {:.1f}", *length);
  }
  if (const auto clipped = log.find(kClipFraction)) {
    out += fmt::format(", clipped action components {:.2f} %", 100.0 * *clipped);
  }
  return out + fmt::format(", total timesteps {}, total time {}, ETA {}\n", log.env_steps,
                           duration(log.total_time), duration(log.eta));
}

Console::Console(std::FILE* out) : Console(out, ::isatty(::fileno(out)) == 1) {}

void Console::print(const IterationLog& log) {
  std::string text = is_terminal_ ? iteration_block(log) : iteration_line(log);
  const bool is_clipping = log.find(kClipFraction).value_or(0.0) > kMuchClipped;
  if (is_clipping && !is_clipping_) {
    text += "Warning: more than 1 % of the action components are outside the bound\n";
  }
  is_clipping_ = is_clipping;
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fflush(out_);
}

}  // namespace fleet::log
