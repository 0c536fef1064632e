#pragma once

#include <algorithm>

#include "envs/mujoco_env.h"

// What one control step of one world does. Runs on any thread, touches only the rows of its env,
// allocates nothing. The order of the lines is the semantics (ARCHITECTURE.md, one control step).

namespace fleet::envs {

/// Numerical trouble that MuJoCo has counted in this mjData so far.
inline int num_bad_values(const mjData& data) {
  return data.warning[mjWARN_BADQPOS].number + data.warning[mjWARN_BADQVEL].number +
         data.warning[mjWARN_BADQACC].number;
}

template <class Task>
void MujocoEnv<Task>::step(BatchView<const float> action, const StepBuffers& out) {
  require_shape("action", action, spec_.num_rows(), spec_.action_dim);
  auto step_one = [&](const mjModel* m, mjData* d, int env) {
    step_world(m, d, env, action, out);
  };
  if (batch_.apply({}, step_one) > 0) {  // MuJoCo gave up on a world: it diverged, too
    for (int env = 0; env < spec_.num_envs; ++env) {
      if (batch_.failed(env)) {
        recover(env, action, out);
      }
    }
  }
  ++vector_steps_;
}

/// Truncates a world that MuJoCo left by an error; its state row is still that before the step.
template <class Task>
void MujocoEnv<Task>::recover(int env, BatchView<const float> action, const StepBuffers& out) {
  Actions clipped;
  clip(env, action, clipped);
  const auto actions = static_cast<std::size_t>(spec_.num_players * spec_.action_dim);
  divergences_.add(env, vector_steps_, batch_.state_row(env), {clipped.data(), actions});
  auto truncate = [&](const mjModel* m, mjData* d, int world) {
    truncate_diverged(m, d, world, out);
  };
  require(batch_.apply({&env, 1}, truncate) == 0, "a diverged world cannot be reset");
}

/// Whether every number is one, and within what MuJoCo itself accepts.
inline bool is_sound(const mjtNum* values, mjtSize count) {
  return std::all_of(values, values + count,
                     [](mjtNum x) { return x > -mjMAXVAL && x < mjMAXVAL; });
}

/// Clips an env's actions to the bound. What is not a number acts as 0. @returns how many changed
template <class Task>
int MujocoEnv<Task>::clip(int env, BatchView<const float> action, Actions& clipped) const {
  int count = 0;
  int i = 0;
  for (int row = env * spec_.num_players; row < (env + 1) * spec_.num_players; ++row) {
    for (int k = 0; k < spec_.action_dim; ++k, ++i) {
      const float bound = spec_.action_bound[static_cast<std::size_t>(k)];
      const float wanted = action(row, k);
      const float value = std::isnan(wanted) ? 0.0F : std::clamp(wanted, -bound, bound);
      count += value == wanted ? 0 : 1;
      clipped[static_cast<std::size_t>(i)] = value;
    }
  }
  return count;
}

/// Runs the substeps. @returns false if the world diverged
template <class Task>
bool MujocoEnv<Task>::simulate(const mjModel* m, mjData* d, int env, const Actions& action) {
  const auto index = static_cast<std::size_t>(env);
  const std::size_t size = last_action_.size() / clock_.size();
  double* const last = &last_action_[index * size];
  View view(m, d);
  const int bad_values = num_bad_values(*d);
  for (int substep = 0; substep < task_.spec().substeps; ++substep) {
    const bool waits = substep < clock_[index].delay;
    task_.before_substep(view, memory_[index], waits ? last : action.data());
    mj_step(m, d);
    if (num_bad_values(*d) != bad_values) {
      return false;
    }
    task_.after_substep(view, memory_[index]);
  }
  if (!is_sound(d->qpos, m->nq) || !is_sound(d->qvel, m->nv)) {
    return false;  // the last substep's own result: MuJoCo would see it at the next
  }
  std::copy_n(action.begin(), size, last);
  task_.after_substeps(view, memory_[index]);
  if (!task_.spec().derived_stale) {
    refresh(m, d);
  }
  return true;
}

template <class Task>
void MujocoEnv<Task>::step_world(const mjModel* m, mjData* d, int env,
                                 BatchView<const float> action, const StepBuffers& out) {
  const auto index = static_cast<std::size_t>(env);
  Actions clipped;
  const int num_clipped = clip(env, action, clipped);
  Clock& clock = clock_[index];
  ++clock.step;
  ++clock.age;
  if (!simulate(m, d, env, clipped)) {
    const auto actions = static_cast<std::size_t>(spec_.num_players * spec_.action_dim);
    divergences_.add(env, vector_steps_, batch_.state_row(env), {clipped.data(), actions});
    truncate_diverged(m, d, env, out);
    return;
  }
  record_state(d, env);
  View view(m, d);
  std::array<double, kMaxRewards> reward;
  std::array<double, kMaxMetrics> metrics{};
  const auto masks =
      task_.evaluate(view, memory_[index], clipped.data(), reward.data(), metrics.data());

  const std::size_t num_terms = spec_.reward_terms.size();
  std::array<double, kMaxRewards> totals{};
  for (int player = 0; player < spec_.num_players; ++player) {
    const int row = env * spec_.num_players + player;
    double sum = 0.0;
    for (std::size_t term = 0; term < num_terms; ++term) {
      double& value = reward[static_cast<std::size_t>(player) * num_terms + term];
      value = std::isfinite(value) ? value : 0.0;  // as mjlab does with a term that is no number
      sum += value;
      totals[term] += value;
    }
    out.reward[static_cast<std::size_t>(row)] = static_cast<float>(sum);
    if (unrounded_.reward_terms.num_rows() > 0) {
      std::copy_n(&reward[static_cast<std::size_t>(player) * num_terms], num_terms,
                  &unrounded_.reward_terms(row, 0));
    }
    for (int k = 0; k < out.metrics.num_columns(); ++k) {
      const std::size_t first = static_cast<std::size_t>(player) * spec_.metrics.size();
      out.metrics(row, k) = static_cast<float>(metrics[first + static_cast<std::size_t>(k)]);
    }
  }
  totals_.add(env, {totals.data(), num_terms}, num_clipped);

  std::array<std::uint8_t, masks.size()> terminations;
  bool terminated = false;
  for (std::size_t i = 0; i < masks.size(); ++i) {
    terminations[i] = masks[i].scalar() ? 1 : 0;
    terminated = terminated || masks[i].scalar();
  }
  const bool time_is_up = spec_.max_episode_steps > 0 && clock.age >= spec_.max_episode_steps;
  std::fill_n(out.terminated.begin() + env * spec_.num_players, spec_.num_players,
              terminated ? 1 : 0);
  out.truncated[index] = time_is_up && !terminated ? 1 : 0;
  if (terminated || time_is_up) {
    using End = EpisodeTotals::End;
    totals_.close(env, terminated ? End::kTerminated : End::kTimeOut, terminations);
  }
  finish_step(m, d, env, terminated || time_is_up, out);
}

/// Final observation, then a new episode or the next disturbance, then what to act on next.
template <class Task>
void MujocoEnv<Task>::finish_step(const mjModel* m, mjData* d, int env, bool ends,
                                  const StepBuffers& out) {
  if (ends) {
    observe(m, d, env, out.final_observation, true);
    begin_episode(m, d, env, {});
    observe(m, d, env, out.observation, false);
    return;
  }
  View view(m, d);
  if (task_.disturb(view, memory_[static_cast<std::size_t>(env)], draws(env))) {
    refresh(m, d);
  }
  observe(m, d, env, out.observation, true);
  for (std::size_t group = 0; group < out.observation.size(); ++group) {
    for (int row = env * spec_.num_players; row < (env + 1) * spec_.num_players; ++row) {
      std::ranges::copy(out.observation[group].row(row),
                        out.final_observation[group].row(row).begin());
    }
  }
}

/// The episode ends with the last sound observation: no NaN reaches a learner.
template <class Task>
void MujocoEnv<Task>::truncate_diverged(const mjModel* m, mjData* d, int env,
                                        const StepBuffers& out) {
  for (int row = env * spec_.num_players; row < (env + 1) * spec_.num_players; ++row) {
    for (std::size_t group = 0; group < out.final_observation.size(); ++group) {
      std::ranges::copy(sound_.view(group).row(row), out.final_observation[group].row(row).begin());
    }
    out.reward[static_cast<std::size_t>(row)] = 0.0F;
    out.terminated[static_cast<std::size_t>(row)] = 0;
    for (int k = 0; k < out.metrics.num_columns(); ++k) {
      out.metrics(row, k) = 0.0F;
    }
  }
  out.truncated[static_cast<std::size_t>(env)] = 1;
  totals_.close(env, EpisodeTotals::End::kDiverged, {});
  begin_episode(m, d, env, {});
  observe(m, d, env, out.observation, false);
}

/// Writes one env's rows of every group, with noise, and keeps a copy of them.
/// @param final also writes the unrounded copy
template <class Task>
void MujocoEnv<Task>::observe(const mjModel* m, mjData* d, int env,
                              const std::vector<BatchView<float>>& rows, bool final) {
  View view(m, d);
  std::array<double, kMaxObservation> values;
  Random random = draws(env)(Purpose::kObservation);
  for (int player = 0; player < spec_.num_players; ++player) {
    const int row = env * spec_.num_players + player;
    for (std::size_t group = 0; group < rows.size(); ++group) {
      task_.observe(view, memory_[static_cast<std::size_t>(env)], player, static_cast<int>(group),
                    values.data());
      const ObservationGroup& layout = spec_.observations[group];
      double* value = values.data();
      for (const ObservationTerm& term : layout.terms) {
        for (int k = 0; k < term.dim; ++k, ++value) {
          *value += layout.noisy && term.noise > 0.0 ? random.uniform(-term.noise, term.noise) : 0.0;
        }
      }
      const std::span<float> out = rows[group].row(row);
      std::transform(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(out.size()),
                     out.begin(), [](double x) { return static_cast<float>(x); });
      std::ranges::copy(out, sound_.view(group).row(row).begin());
      if (final && !unrounded_.final_observation.empty()) {
        std::copy_n(values.begin(), out.size(), &unrounded_.final_observation[group](row, 0));
      }
    }
  }
}

template <class Task>
void MujocoEnv<Task>::record_state(const mjData* d, int env) {
  if (unrounded_.qpos.num_rows() > 0) {
    std::copy_n(d->qpos, model_->nq, &unrounded_.qpos(env, 0));
    std::copy_n(d->qvel, model_->nv, &unrounded_.qvel(env, 0));
  }
}

}  // namespace fleet::envs
