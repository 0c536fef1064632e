#pragma once

#include <algorithm>
#include <stdexcept>

#include "envs/given_start.h"
#include "envs/mujoco_env.h"

// How a MujocoEnv is made, starts episodes, and exposes its state.

namespace fleet::envs {

/// A NaN must be seen, not reset behind our back: MuJoCo's own reset is off.
inline sim::ModelPtr without_autoreset(sim::ModelPtr model) {
  model->opt.disableflags |= mjDSBL_AUTORESET;
  return model;
}

template <class Task>
MujocoEnv<Task>::MujocoEnv(Task task, sim::ModelPtr& model, const EnvOptions& options)
    : TaskEnv(task.spec(), options,
              {.nq = static_cast<int>(model->nq), .nv = static_cast<int>(model->nv)}),
      model_(without_autoreset(std::move(model))),
      task_(std::move(task)),
      batch_(*model_, options.num_envs, options.num_threads),
      memory_(static_cast<std::size_t>(options.num_envs)),
      memory_before_(memory_.size()) {
  if constexpr (requires { task_.randomised_fields(); }) {
    for (const std::string& field : task_.randomised_fields()) {
      randomised_.push_back(batch_.expand(field));
    }
  }
}

/// Draws every world's own model from the seed. Starts from the model's values, so that it may be
/// called again after a resume; lasting memory it draws too is the same each time.
template <class Task>
void MujocoEnv<Task>::randomise_models() {
  if constexpr (requires { task_.randomised_fields(); }) {
    constexpr std::size_t kMaxFields = 16;
    require(randomised_.size() <= kMaxFields, "more than 16 randomised model fields");
    for (int env = 0; env < spec().num_envs; ++env) {
      std::array<std::span<double>, kMaxFields> rows;
      for (std::size_t field = 0; field < randomised_.size(); ++field) {
        const std::size_t size =
            randomised_[field].size() / static_cast<std::size_t>(spec().num_envs);
        rows[field] = randomised_[field].subspan(size * static_cast<std::size_t>(env), size);
      }
      task_.startup({rows.data(), randomised_.size()}, memory(env), startup_draws(env));
    }
    batch_.set_constants();
  }
}

/// Position and velocity stages of what tasks read: no contacts, no mass matrix.
template <class Task>
void MujocoEnv<Task>::refresh(const mjModel* m, mjData* d) const {
  if (task_.spec().derived_stale) {
    mj_forward(m, d);  // what Gymnasium does after it has written a state
    return;
  }
  mj_kinematics(m, d);
  mj_comPos(m, d);
  mj_comVel(m, d);
  d->flg_subtreevel = 0;  // else mj_sensorVel keeps the subtree velocities of the last substep
  mj_sensorVel(m, d);
}

template <class Task>
void MujocoEnv<Task>::begin_episode(const mjModel* m, mjData* d, int env, const Start& start) {
  begin_clock(env);
  mj_resetData(m, d);
  if (start.is_given()) {
    std::copy_n(&start.qpos(env, 0), m->nq, d->qpos);
    std::copy_n(&start.qvel(env, 0), m->nv, d->qvel);
    GivenStart<View> view(m, d);
    task_.start(view, memory(env), draws(env));
  } else {
    View view(m, d);
    task_.start(view, memory(env), draws(env));
  }
  refresh(m, d);
}

template <class Task>
void MujocoEnv<Task>::begin_all(const Start& start, const StepBuffers& out) {
  std::ranges::fill(memory_, Memory{});
  randomise_models();
  auto begin = [&](const mjModel* m, mjData* d, int env) {
    begin_episode(m, d, env, start);
    observe(m, d, env, out.observation, false);
  };
  if (batch_.apply({}, begin) != 0) {
    throw std::runtime_error("a world cannot be reset: " + batch_.error(0));
  }
}

template <class Task>
void MujocoEnv<Task>::append_physics_state(Fields& fields) {
  fields.push_back(make_field("env/physics", {spec().num_envs, batch_.state_size()},
                              batch_.state().data()));
}

template <class Task>
Fields MujocoEnv<Task>::models() {
  Fields fields;
  if constexpr (requires { task_.randomised_fields(); }) {
    const std::vector<std::string> names = task_.randomised_fields();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto size = static_cast<std::int64_t>(randomised_[i].size());
      fields.push_back(make_field("model/" + names[i], {spec().num_envs, size / spec().num_envs},
                                  randomised_[i].data()));
    }
  }
  return fields;
}

}  // namespace fleet::envs
