#include "envs/task_env.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "cuda/require.h"

namespace fleet::envs {

TaskEnv::TaskEnv(const tasks::TaskSpec& task, const EnvOptions& options, const Sizes& sizes)
    : options_(options),
      spec_(make_env_spec(task, options)),
      nq_(sizes.nq),
      nv_(sizes.nv),
      clock_(static_cast<std::size_t>(options.num_envs)),
      last_action_(static_cast<std::size_t>(spec_.num_rows()) *
                   static_cast<std::size_t>(spec_.action_dim)),
      history_length_(options.observation_delay[1] > 0 ? options.observation_delay[1] + 1 : 0),
      history_(static_cast<std::size_t>(spec_.num_rows()) *
               static_cast<std::size_t>(history_length_) *
               static_cast<std::size_t>(spec_.observations[0].dim())),
      sound_(spec_),
      totals_(make_totals()) {
  if (options.action_delay[1] > task.substeps) {
    throw std::runtime_error("options.action_delay: expected at most " +
                             std::to_string(task.substeps) + " physics steps, one control step");
  }
}

EpisodeTotals TaskEnv::make_totals() const {
  return {spec_.num_envs, static_cast<int>(spec_.reward_terms.size()),
          static_cast<int>(spec_.termination_terms.size())};
}

void TaskEnv::reset_all(std::uint64_t seed, const Start& start, const StepBuffers& out) {
  seed_ = seed;
  vector_steps_ = 0;
  std::ranges::fill(clock_, Clock{});
  totals_ = make_totals();
  begin_all(start, out);
}

void TaskEnv::reset(std::uint64_t seed, const StepBuffers& out) { reset_all(seed, {}, out); }

void TaskEnv::reset_to(std::uint64_t seed, BatchView<const double> qpos,
                       BatchView<const double> qvel, const StepBuffers& out) {
  require_shape("qpos", qpos, spec_.num_envs, nq_);
  require_shape("qvel", qvel, spec_.num_envs, nv_);
  reset_all(seed, {.qpos = qpos, .qvel = qvel}, out);
}

tasks::Draws TaskEnv::draws(int env) const {
  const Clock& clock = clock_[static_cast<std::size_t>(env)];
  return {.seed = seed_,
          .env = static_cast<std::uint32_t>(options_.first_env + env),
          .episode = clock.episode,
          .step = clock.step,
          .vector_steps = vector_steps_,
          .evaluation = options_.evaluation};
}

tasks::Draws TaskEnv::startup_draws(int env) const {
  tasks::Draws startup = draws(env);
  startup.episode = startup.step = 0;
  return startup;
}

std::span<double> TaskEnv::last_action(int env) {
  const auto size = static_cast<std::size_t>(num_actions());
  return {last_action_.data() + static_cast<std::size_t>(env) * size, size};
}

void TaskEnv::begin_clock(int env) {
  Clock& clock = this->clock(env);
  ++clock.episode;
  clock.step = 0;
  clock.age = 0;
  Random random = draws(env)(Purpose::kDelay);
  const auto draw = [&](const std::array<int, 2>& range) {
    return range[0] + random.index(range[1] - range[0] + 1);
  };
  clock.delay = draw(options_.action_delay);
  clock.observation_delay = draw(options_.observation_delay);
  std::ranges::fill(last_action(env), 0.0);
}

int TaskEnv::clip(int env, BatchView<const float> action, std::span<double> clipped) const {
  int count = 0;
  int i = 0;
  for (int row = env * spec_.num_players; row < (env + 1) * spec_.num_players; ++row) {
    for (int k = 0; k < spec_.action_dim; ++k, ++i) {
      const double bound = spec_.action_bound[static_cast<std::size_t>(k)];
      const double wanted =
          unrounded_.action.num_rows() > 0 ? unrounded_.action(row, k) : double{action(row, k)};
      const double value = std::isnan(wanted) ? 0.0 : std::clamp(wanted, -bound, bound);
      count += value == wanted ? 0 : 1;
      clipped[static_cast<std::size_t>(i)] = value;
    }
  }
  return count;
}

bool TaskEnv::settle(int env, Outcome& outcome, const StepBuffers& out) {
  const std::size_t num_terms = spec_.reward_terms.size();
  std::array<double, kMaxRewards> totals{};
  for (int player = 0; player < spec_.num_players; ++player) {
    const int row = env * spec_.num_players + player;
    double sum = 0.0;
    for (std::size_t term = 0; term < num_terms; ++term) {
      double& value = outcome.reward[static_cast<std::size_t>(player) * num_terms + term];
      value = std::isfinite(value) ? value : 0.0;  // as mjlab does with a term that is no number
      sum += value;
      totals[term] += value;
    }
    out.reward[static_cast<std::size_t>(row)] = static_cast<float>(sum);
    if (unrounded_.reward_terms.num_rows() > 0) {
      std::copy_n(&outcome.reward[static_cast<std::size_t>(player) * num_terms], num_terms,
                  &unrounded_.reward_terms(row, 0));
    }
    for (int k = 0; k < out.metrics.num_columns(); ++k) {
      const std::size_t first = static_cast<std::size_t>(player) * spec_.metrics.size();
      out.metrics(row, k) =
          static_cast<float>(outcome.metrics[first + static_cast<std::size_t>(k)]);
    }
  }
  totals_.add(env, {totals.data(), num_terms}, outcome.num_clipped);

  const std::span<const std::uint8_t> terminations(outcome.terminations.data(),
                                                   spec_.termination_terms.size());
  const bool terminated = std::ranges::find(terminations, 1) != terminations.end();
  const bool time_is_up = spec_.max_episode_steps > 0 && clock(env).age >= spec_.max_episode_steps;
  const auto players = static_cast<std::size_t>(spec_.num_players);
  std::ranges::fill(out.terminated.subspan(static_cast<std::size_t>(env) * players, players),
                    terminated ? 1 : 0);
  out.truncated[static_cast<std::size_t>(env)] = time_is_up && !terminated ? 1 : 0;
  if (terminated || time_is_up) {
    using End = EpisodeTotals::End;
    totals_.close(env, terminated ? End::kTerminated : End::kTimeOut, terminations);
  }
  return terminated || time_is_up;
}

/// Keeps all that the env needs to diverge again.
void TaskEnv::dump(int env, const Fields& before, std::span<const double> action) {
  std::int32_t index = options_.first_env + env;
  Clock clock = this->clock(env);
  --clock.step;
  --clock.age;
  std::vector<double> clipped(action.begin(), action.end());
  Fields rows{make_field("env", {1}, &index), make_field("env/seed", {1}, &seed_),
              make_field("env/vector_steps", {1}, &vector_steps_),
              make_field("action", {spec_.num_players, spec_.action_dim}, clipped.data())};
  append_clocks(rows, {&clock, 1});
  Fields observations;
  append_history(observations);
  sound_.append_state(observations);
  for (const Field& field : observations) {
    rows.push_back(rows_of(field, env, spec_.num_envs));
  }
  rows.insert(rows.end(), before.begin(), before.end());
  divergences_.add(rows);
}

void TaskEnv::truncate_diverged(int env, const Fields& before, std::span<const double> action,
                                const StepBuffers& out) {
  if (!divergences_.is_full()) {
    dump(env, before, action);
  }
  for (int row = env * spec_.num_players; row < (env + 1) * spec_.num_players; ++row) {
    for (std::size_t group = 0; group < out.final_observation.size(); ++group) {
      std::ranges::copy(sound_.view(group).row(row), out.final_observation[group].row(row).begin());
    }
    for (std::size_t group = 0; group < unrounded_.final_observation.size(); ++group) {
      std::ranges::copy(sound_.view(group).row(row),
                        unrounded_.final_observation[group].row(row).begin());
    }
    if (unrounded_.reward_terms.num_rows() > 0) {
      std::ranges::fill(unrounded_.reward_terms.row(row), 0.0);
    }
    out.reward[static_cast<std::size_t>(row)] = 0.0F;
    out.terminated[static_cast<std::size_t>(row)] = 0;
    for (int k = 0; k < out.metrics.num_columns(); ++k) {
      out.metrics(row, k) = 0.0F;
    }
  }
  out.truncated[static_cast<std::size_t>(env)] = 1;
  totals_.close(env, EpisodeTotals::End::kDiverged, {});
}

double* TaskEnv::unrounded_qpos(int env) const {
  return unrounded_.qpos.num_rows() > 0 ? &unrounded_.qpos(env, 0) : nullptr;
}

double* TaskEnv::unrounded_qvel(int env) const {
  return unrounded_.qvel.num_rows() > 0 ? &unrounded_.qvel(env, 0) : nullptr;
}

void TaskEnv::randomise_episode_clocks() {
  constexpr std::uint32_t kStep = 0xFFFFFFFFU;  // no step of an episode has this number
  for (int env = 0; env < spec_.num_envs && spec_.max_episode_steps > 0; ++env) {
    tasks::Draws clock_draws = draws(env);
    clock_draws.step = kStep;
    clock(env).age = clock_draws(Purpose::kReset).index(spec_.max_episode_steps);
  }
}

void TaskEnv::append_clocks(Fields& fields, std::span<Clock> clocks) {
  // Counters are exposed as int32: safetensors has no U32 here, and none reaches 2^31.
  const auto append = [&](const char* name, auto* first) {
    fields.push_back(make_strided_field(name, {static_cast<std::int64_t>(clocks.size())},
                                        reinterpret_cast<std::int32_t*>(first), sizeof(Clock)));
  };
  append("env/clock/episode", &clocks[0].episode);
  append("env/clock/step", &clocks[0].step);
  append("env/clock/age", &clocks[0].age);
  append("env/clock/delay", &clocks[0].delay);
  append("env/clock/observation_delay", &clocks[0].observation_delay);
}

Fields TaskEnv::state() {
  Fields fields{make_field("env/seed", {1}, &seed_),
                make_field("env/vector_steps", {1}, &vector_steps_)};
  append_physics_state(fields);
  fields.push_back(
      make_field("env/last_action", {spec_.num_rows(), spec_.action_dim}, last_action_.data()));
  append_clocks(fields, clock_);
  append_memory_state(fields);
  append_history(fields);
  sound_.append_state(fields);
  totals_.append_state(fields);
  return fields;
}

Statistics TaskEnv::take_statistics() { return totals_.take(num_actions()); }

}  // namespace fleet::envs
