#pragma once

#include <algorithm>

#include "envs/lanes_env.h"

// What one control step of one pack does. Runs on any thread, touches only the rows of its envs,
// allocates nothing. The order of the lines is the semantics (ARCHITECTURE.md, one control step).

namespace fleet::envs {

/// Which worlds have a number that is none, or more than MuJoCo accepts.
template <class R>
physics::MaskOf<R> find_unsound(const physics::PhysicsData<R>& d) {
  const R most(1e10);  // mjMAXVAL
  physics::MaskOf<R> sound(true);
  for (const physics::Array<R>* numbers : {&d.qpos, &d.qvel, &d.qacc}) {
    for (const R& number : *numbers) {
      sound = sound & less(abs(number), most);
    }
  }
  return !sound;
}

template <class Task, class R>
void LanesEnv<Task, R>::step(BatchView<const float> action, const StepBuffers& out) {
  require_shape("action", action, spec().num_rows(), spec().action_dim);
  pool_.parallel_for(worlds_.num_packs(), [&](int pack, int thread) {
    step_pack(open(pack, thread), action, out);
  });
  count_vector_step();
}

template <class Task, class R>
void LanesEnv<Task, R>::step_pack(Workspace& w, BatchView<const float> action,
                                  const StepBuffers& out) {
  clip_actions(w, action);
  for_each_env(w, w.has_env, [&](int /*lane*/, int env) {
    ++clock(env).step;
    ++clock(env).age;
  });
  w.memory_before = *w.memory;
  simulate(w);
  record_state(w);
  const Mask ends = evaluate(w, out);
  if (any(w.diverged)) {
    sim::assign_lanes<R>(w.diverged, w.memory_before, *w.memory);
  }
  observe(w, ends, ends, out.final_observation);
  const Mask over = ends | w.diverged;
  const Mask disturbed = disturb(w, over);
  start_over(w, over, out);
  observe_next(w, over, over | disturbed, out);
  worlds_.store(w.pack, w.data);
}

template <class Task, class R>
void LanesEnv<Task, R>::clip_actions(Workspace& w, BatchView<const float> action) {
  const bool may_wait = options().action_delay[1] > 0;
  for_each_env(w, w.has_env, [&](int lane, int env) {
    Actions clipped;
    w.num_clipped[static_cast<std::size_t>(lane)] = clip(env, action, clipped);
    const std::span<double> last = last_action(env);
    for (std::size_t i = 0; i < last.size(); ++i) {
      if (may_wait) {
        physics::set_lane(w.last_action[i], lane, static_cast<Scalar>(last[i]));
      }
      physics::set_lane(w.action[i], lane, static_cast<Scalar>(clipped[i]));
      last[i] = clipped[i];
    }
    physics::set_lane(w.delay, lane, static_cast<Scalar>(clock(env).delay));
  });
}

/// The action that acts in a substep: of worlds that still wait, the one before.
template <class Task, class R>
const R* LanesEnv<Task, R>::acting(Workspace& w, int substep) const {
  const Mask waits = less(R(substep), w.delay);
  if (!any(waits)) {
    return w.action.data();
  }
  for (std::size_t i = 0; i < w.action.size(); ++i) {
    w.held_action[i] = select(waits, w.last_action[i], w.action[i]);
  }
  return w.held_action.data();
}

/// Runs the substeps. A world that diverges is put back to the model's own state at once, so that
/// it cannot slow the others down, and marked.
template <class Task, class R>
void LanesEnv<Task, R>::simulate(Workspace& w) {
  View view = this->view(w);
  for (int substep = 0; substep < task_.spec().substeps; ++substep) {
    task_.before_substep(view, *w.memory, acting(w, substep));
    physics::step(physics_.model, w.data);
    const Mask unsound = find_unsound(w.data);
    if (any(unsound)) {
      w.diverged = w.diverged | unsound;
      for (int lane = 0; lane < kWidth; ++lane) {
        if (physics::lane(unsound, lane)) {
          reset_lane(w, lane);
        }
      }
    }
    task_.after_substep(view, *w.memory);
  }
  task_.after_substeps(view, *w.memory);
  if (!task_.spec().derived_stale) {
    physics::refresh(physics_.model, w.data);
  }
}

/// @returns the envs whose episode ends, diverged ones apart
template <class Task, class R>
typename LanesEnv<Task, R>::Mask LanesEnv<Task, R>::evaluate(Workspace& w, const StepBuffers& out) {
  View view = this->view(w);
  const auto masks =
      task_.evaluate(view, *w.memory, w.action.data(), w.reward.data(), w.metrics.data());
  Mask ends(false);
  for_each_env(w, !w.diverged, [&](int lane, int env) {
    Outcome outcome;
    outcome.num_clipped = w.num_clipped[static_cast<std::size_t>(lane)];
    const auto of_lane = [&](const R& number) { return double{physics::lane(number, lane)}; };
    std::ranges::transform(w.reward, outcome.reward.begin(), of_lane);
    std::ranges::transform(w.metrics, outcome.metrics.begin(), of_lane);
    for (std::size_t i = 0; i < masks.size(); ++i) {
      outcome.terminations[i] = physics::lane(masks[i], lane) ? 1 : 0;
    }
    physics::set_lane(ends, lane, settle(env, outcome, out));
  });
  return ends;
}

/// Clocks and events of the envs whose episode goes on. @returns whose qpos or qvel changed
template <class Task, class R>
typename LanesEnv<Task, R>::Mask LanesEnv<Task, R>::disturb(Workspace& w, const Mask& over) {
  const bool some_are_over = any(over);
  if (some_are_over) {
    w.memory_before = *w.memory;
  }
  View view = this->view(w);
  const Mask due = task_.tick(view, *w.memory, draws(w.first_env)) & !over;
  if (some_are_over) {
    sim::assign_lanes<R>(over, w.memory_before, *w.memory);
  }
  Mask disturbed(false);
  for_each_env(w, due, [&](int lane, int env) {
    sim::OneLaneView<R> world(w.data, lane);
    EventMemory memory;
    sim::extract_lane<R, double>(*w.memory, lane, memory);
    physics::set_lane(disturbed, lane, task_.disturb(world, memory, draws(env)));
    sim::insert_lane<R, double>(memory, lane, *w.memory);
  });
  return disturbed;
}

/// Truncates an env that diverged. Its pack is stored after the step, so that the worlds still hold
/// what was before it; memory has been given back already.
template <class Task, class R>
void LanesEnv<Task, R>::truncate(Workspace& w, int lane, int env, const StepBuffers& out) {
  Scalar* saved = w.saved_state.data();
  for_each_number(worlds_.state(), worlds_.state_size(), env,
                  [&](const R& number) { *saved++ = physics::lane(number, lane); });
  SavedMemory memory;
  sim::extract_lane<R, Scalar>(*w.memory, lane, memory);
  std::vector<double> last(w.last_action.size());  // stays 0 where no action waits
  std::ranges::transform(w.last_action, last.begin(),
                         [&](const R& number) { return physics::lane(number, lane); });
  Fields before{
      make_field("env/physics", {1, worlds_.state_size()}, w.saved_state.data()),
      make_field("env/last_action", {spec().num_players, spec().action_dim}, last.data())};
  append_memory<Scalar>(before, std::span(&memory, 1));
  std::vector<std::vector<Scalar>> model = model_of(env);
  if constexpr (requires { task_.randomised_fields(); }) {
    const std::vector<std::string> names = task_.randomised_fields();
    for (std::size_t field = 0; field < names.size(); ++field) {
      const auto size = static_cast<std::int64_t>(model[field].size());
      before.push_back(make_field("model/" + names[field], {1, size}, model[field].data()));
    }
  }
  truncate_diverged(env, before, last_action(env), out);
  record_state_before(env, w.saved_state.data());
}

/// Truncates the envs that diverged, and begins the next episode of all that are over.
template <class Task, class R>
void LanesEnv<Task, R>::start_over(Workspace& w, const Mask& over, const StepBuffers& out) {
  for_each_env(w, w.diverged, [&](int lane, int env) {
    truncate(w, lane, env, out);
  });
  for_each_env(w, over, [&](int lane, int /*env*/) { begin_episode(w, lane, {}); });
}

/// All stages for some worlds; the others keep what the next step starts from.
template <class Task, class R>
void LanesEnv<Task, R>::forward(Workspace& w, const Mask& lanes) const {
  physics::Array<R>& warmstart = w.data.qacc_warmstart;
  std::ranges::copy(warmstart, w.warmstart.begin());
  physics::forward(physics_.model, w.data);
  for (std::size_t i = 0; i < warmstart.size(); ++i) {
    warmstart[i] = select(lanes, warmstart[i], w.warmstart[i]);
  }
}

/// Writes what to act on next. Where derived quantities are to be seen one substep old, only the
/// worlds whose state was changed see new ones.
template <class Task, class R>
void LanesEnv<Task, R>::observe_next(Workspace& w, const Mask& over, const Mask& changed,
                                     const StepBuffers& out) {
  if (!any(changed & w.has_env)) {
    observe(w, w.has_env, w.has_env, out.observation);
  } else if (task_.spec().derived_stale) {
    observe(w, w.has_env & !changed, w.has_env, out.observation);
    forward(w, changed);
    observe(w, w.has_env & changed, !over, out.observation);
  } else {
    physics::refresh(physics_.model, w.data);
    observe(w, w.has_env, !over, out.observation);
  }
  for_each_env(w, !over, [&](int /*lane*/, int env) { copy_to_final(env, out); });
}

/// Writes the rows of the envs that `lanes` names. @param is_final whose unrounded copy is wanted
template <class Task, class R>
void LanesEnv<Task, R>::observe(Workspace& w, const Mask& lanes, const Mask& is_final,
                                const std::vector<BatchView<float>>& rows) {
  if (!any(lanes)) {
    return;
  }
  const bool is_partial = !all(lanes);
  if (is_partial) {
    w.memory_before = *w.memory;
  }
  View view = this->view(w);
  R* row = w.observation.data();
  for (int player = 0; player < spec().num_players; ++player) {
    for (std::size_t group = 0; group < rows.size(); ++group) {
      task_.observe(view, *w.memory, player, static_cast<int>(group), row);
      row += rows[group].num_columns();
    }
  }
  if (is_partial) {
    sim::assign_lanes<R>(!lanes, w.memory_before, *w.memory);
  }
  for_each_env(w, lanes, [&](int lane, int env) {
    Observation values;
    std::ranges::transform(w.observation, values.begin(),
                           [&](const R& number) { return double{physics::lane(number, lane)}; });
    write_observation(env, values, rows, physics::lane(is_final, lane));
  });
}

template <class Task, class R>
void LanesEnv<Task, R>::record_state(Workspace& w) {
  for_each_env(w, !w.diverged, [&](int lane, int env) {
    const auto copy = [&](const physics::Array<R>& from, double* to) {
      for (const R& number : from) {
        *to++ = physics::lane(number, lane);
      }
    };
    if (double* const qpos = unrounded_qpos(env)) {
      copy(w.data.qpos, qpos);
      copy(w.data.qvel, unrounded_qvel(env));
    }
  });
}

}  // namespace fleet::envs
