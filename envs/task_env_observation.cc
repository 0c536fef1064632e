// What a TaskEnv shows: noise, delay, and the rounding to float.

#include <algorithm>

#include "envs/task_env.h"

namespace fleet::envs {
namespace {

/// Adds the noise of a group's terms to one row.
void add_noise(const ObservationGroup& layout, Random& random, double* value) {
  for (const ObservationTerm& term : layout.terms) {
    for (int k = 0; k < term.dim; ++k, ++value) {
      *value += layout.noisy && term.noise > 0.0 ? random.uniform(-term.noise, term.noise) : 0.0;
    }
  }
}

}  // namespace

/// Keeps the actor's observation of this step. @returns the one that is as old as the env's delay
std::span<const double> TaskEnv::delayed(int row, std::span<const double> observation) {
  const Clock& clock = this->clock(row / spec_.num_players);
  const auto length = static_cast<std::size_t>(history_length_);
  const std::span<double> history = std::span(history_).subspan(
      static_cast<std::size_t>(row) * length * observation.size(), length * observation.size());
  const auto at = [&](std::size_t step) {
    return history.subspan(step % length * observation.size(), observation.size());
  };
  for (std::size_t step = 0; clock.step == 0 && step < length; ++step) {
    std::ranges::copy(observation, at(step).begin());
  }
  std::ranges::copy(observation, at(clock.step).begin());
  return at(clock.step + length - static_cast<std::size_t>(clock.observation_delay));
}

void TaskEnv::append_history(Fields& fields) {
  if (history_length_ > 0) {
    const auto columns = static_cast<std::int64_t>(history_.size()) / spec_.num_rows();
    fields.push_back(make_field("env/history", {spec_.num_rows(), columns}, history_.data()));
  }
}

void TaskEnv::write_observation(int env, Observation& values,
                                const std::vector<BatchView<float>>& rows, bool is_final) {
  Random random = draws(env)(Purpose::kObservation);
  double* value = values.data();
  for (int row = env * spec_.num_players; row < (env + 1) * spec_.num_players; ++row) {
    for (std::size_t group = 0; group < rows.size(); ++group) {
      std::span<const double> seen(value, static_cast<std::size_t>(rows[group].num_columns()));
      add_noise(spec_.observations[group], random, value);
      value += seen.size();
      if (group == 0 && history_length_ > 0) {
        seen = delayed(row, seen);
      }
      const std::span<float> out = rows[group].row(row);
      std::ranges::transform(seen, out.begin(), [](double x) { return static_cast<float>(x); });
      std::ranges::copy(out, sound_.view(group).row(row).begin());
      if (is_final && !unrounded_.final_observation.empty()) {
        std::ranges::copy(seen, unrounded_.final_observation[group].row(row).begin());
      }
    }
  }
}

void TaskEnv::copy_to_final(int env, const StepBuffers& out) const {
  for (std::size_t group = 0; group < out.observation.size(); ++group) {
    for (int row = env * spec_.num_players; row < (env + 1) * spec_.num_players; ++row) {
      std::ranges::copy(out.observation[group].row(row),
                        out.final_observation[group].row(row).begin());
    }
  }
}

}  // namespace fleet::envs
