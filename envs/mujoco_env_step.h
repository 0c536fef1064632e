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
  require_shape("action", action, spec().num_rows(), spec().action_dim);
  auto step_one = [&](const mjModel* m, mjData* d, int env) {
    step_world(m, d, env, action, out);
  };
  if (batch_.apply({}, step_one) > 0) {  // MuJoCo gave up on a world: it diverged, too
    for (int env = 0; env < spec().num_envs; ++env) {
      if (batch_.failed(env)) {
        recover(env, action, out);
      }
    }
  }
  count_vector_step();
}

/// Truncates a world that MuJoCo left by an error; its state row is still that before the step.
template <class Task>
void MujocoEnv<Task>::recover(int env, BatchView<const float> action, const StepBuffers& out) {
  Actions clipped;
  clip(env, action, clipped);
  auto truncate = [&](const mjModel* m, mjData* d, int world) {
    start_over(m, d, world, clipped, out);
  };
  require(batch_.apply({&env, 1}, truncate) == 0, "a diverged world cannot be reset");
}

/// Whether every number is one, and within what MuJoCo itself accepts.
inline bool is_sound(const mjtNum* values, mjtSize count) {
  return std::all_of(values, values + count,
                     [](mjtNum x) { return x > -mjMAXVAL && x < mjMAXVAL; });
}

/// Runs the substeps. @returns false if the world diverged
template <class Task>
bool MujocoEnv<Task>::simulate(const mjModel* m, mjData* d, int env, const Actions& action) {
  const std::span<double> last = last_action(env);
  View view(m, d);
  const int bad_values = num_bad_values(*d);
  for (int substep = 0; substep < task_.spec().substeps; ++substep) {
    const bool waits = substep < clock(env).delay;
    task_.before_substep(view, memory(env), waits ? last.data() : action.data());
    mj_step(m, d);
    if (num_bad_values(*d) != bad_values) {
      return false;
    }
    task_.after_substep(view, memory(env));
  }
  if (!is_sound(d->qpos, m->nq) || !is_sound(d->qvel, m->nv)) {
    return false;  // the last substep's own result: MuJoCo would see it at the next
  }
  std::copy_n(action.begin(), last.size(), last.begin());
  task_.after_substeps(view, memory(env));
  if (!task_.spec().derived_stale) {
    refresh(m, d);
  }
  return true;
}

template <class Task>
void MujocoEnv<Task>::step_world(const mjModel* m, mjData* d, int env,
                                 BatchView<const float> action, const StepBuffers& out) {
  Actions clipped;
  Outcome outcome;
  outcome.num_clipped = clip(env, action, clipped);
  memory_before_[static_cast<std::size_t>(env)] = memory(env);
  ++clock(env).step;
  ++clock(env).age;
  if (!simulate(m, d, env, clipped)) {
    start_over(m, d, env, clipped, out);
    return;
  }
  record_state(d, env);
  View view(m, d);
  const auto masks = task_.evaluate(view, memory(env), clipped.data(), outcome.reward.data(),
                                    outcome.metrics.data());
  for (std::size_t i = 0; i < masks.size(); ++i) {
    outcome.terminations[i] = masks[i].scalar() ? 1 : 0;
  }
  finish_step(m, d, env, settle(env, outcome, out), out);
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
  const tasks::Draws now = draws(env);
  if (task_.tick(view, memory(env), now).scalar() && task_.disturb(view, memory(env), now)) {
    refresh(m, d);
  }
  observe(m, d, env, out.observation, true);
  copy_to_final(env, out);
}

/// Truncates a diverged world and begins its next episode. Until the callback has returned, the
/// world's state row is that before the step.
template <class Task>
void MujocoEnv<Task>::start_over(const mjModel* m, mjData* d, int env, const Actions& action,
                                 const StepBuffers& out) {
  memory(env) = memory_before_[static_cast<std::size_t>(env)];
  truncate_diverged(env, rows_before(env), std::span(action).first(last_action(env).size()), out);
  record_state_before(env, batch_.state_row(env).data() + 1);  // a time is before it
  begin_episode(m, d, env, {});
  observe(m, d, env, out.observation, false);
}

/// What of this env alone decides how the step goes. Calls nothing of MuJoCo, so it may own memory.
template <class Task>
Fields MujocoEnv<Task>::rows_before(int env) {
  const std::span<double> last = last_action(env);
  const std::span<mjtNum> state = batch_.state_row(env);
  Fields rows{
      make_field("env/physics", {1, batch_.state_size()}, state.data()),
      make_field("env/last_action", {spec().num_players, spec().action_dim}, last.data())};
  append_memory<double>(rows, std::span(&memory(env), 1));
  for (const Field& field : models()) {
    rows.push_back(rows_of(field, env, spec().num_envs));
  }
  return rows;
}

template <class Task>
void MujocoEnv<Task>::observe(const mjModel* m, mjData* d, int env,
                              const std::vector<BatchView<float>>& rows, bool is_final) {
  View view(m, d);
  Observation values;
  double* row = values.data();
  for (int player = 0; player < spec().num_players; ++player) {
    for (std::size_t group = 0; group < rows.size(); ++group) {
      task_.observe(view, memory(env), player, static_cast<int>(group), row);
      row += rows[group].num_columns();
    }
  }
  write_observation(env, values, rows, is_final);
}

template <class Task>
void MujocoEnv<Task>::record_state(const mjData* d, int env) {
  if (double* const qpos = unrounded_qpos(env)) {
    std::copy_n(d->qpos, nq(), qpos);
    std::copy_n(d->qvel, nv(), unrounded_qvel(env));
  }
}

}  // namespace fleet::envs
