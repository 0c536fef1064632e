#pragma once

#include <algorithm>

#include "envs/given_start.h"
#include "envs/lanes_env.h"

// How a LanesEnv is made, starts episodes, and exposes its state.

namespace fleet::envs {

/// Numbers of an array that one world has, of `count` for each pack: f(number).
template <class R, class F>
void for_each_number(std::span<R> packs, int count, int world, F&& f) {
  constexpr int kWidth = physics::kWidthOf<R>;
  for (R& number : packs.subspan(static_cast<std::size_t>(world / kWidth) *
                                     static_cast<std::size_t>(count),
                                 static_cast<std::size_t>(count))) {
    f(number);
  }
}

template <class Task, class R>
LanesEnv<Task, R>::LanesEnv(Task task, sim::ModelPtr& model, const EnvOptions& options)
    : TaskEnv(task.spec(), options,
              {.nq = static_cast<int>(model->nq), .nv = static_cast<int>(model->nv)}),
      model_(std::move(model)),
      task_(std::move(task)),
      physics_(sim::make_physics<Scalar>(*model_)),
      worlds_(physics_, options.num_envs),
      memory_(static_cast<std::size_t>(worlds_.num_packs())),
      pool_(std::max(0, options.num_threads)) {
  int observation_dim = 0;
  for (const ObservationGroup& group : spec().observations) {
    observation_dim += group.dim();
  }
  const auto players = static_cast<std::size_t>(spec().num_players);
  for (int thread = 0; thread < pool_.num_threads(); ++thread) {
    auto w = std::make_unique<Workspace>(physics_);
    for (AlignedVector<R>* actions : {&w->action, &w->last_action, &w->held_action}) {
      actions->assign(static_cast<std::size_t>(num_actions()), R(0.0));
    }
    w->reward.resize(players * spec().reward_terms.size());
    w->metrics.resize(players * spec().metrics.size());
    w->observation.resize(players * static_cast<std::size_t>(observation_dim));
    w->warmstart.resize(static_cast<std::size_t>(nv()));
    w->saved_state.resize(static_cast<std::size_t>(worlds_.state_size()));
    workspaces_.push_back(std::move(w));
  }
  if constexpr (requires { task_.randomised_fields(); }) {
    for (const std::string& field : task_.randomised_fields()) {
      randomised_.push_back(worlds_.expand(field.c_str()));
    }
  }
}

/// Draws every world's own model from the seed; may be called again after a resume, as
/// MujocoEnv's.
template <class Task, class R>
void LanesEnv<Task, R>::randomise_models() {
  if constexpr (requires { task_.randomised_fields(); }) {
    sim::ConstantSolver constants(*model_);
    std::vector<std::vector<double>> values(randomised_.size());
    std::vector<std::span<double>> rows(randomised_.size());
    for (std::size_t field = 0; field < rows.size(); ++field) {
      values[field].resize(randomised_[field].size() /
                           static_cast<std::size_t>(worlds_.num_packs()));
      rows[field] = values[field];
    }
    for (int env = 0; env < spec().num_envs; ++env) {
      const int lane = env % kWidth;
      const auto exchange = [&](auto&& f) {
        for (std::size_t field = 0; field < rows.size(); ++field) {
          double* value = rows[field].data();
          for_each_number(randomised_[field], static_cast<int>(rows[field].size()), env,
                          [&](R& number) { f(number, *value++); });
        }
      };
      exchange([&](const R& number, double& value) { value = physics::lane(number, lane); });
      Memory& pack = memory_[static_cast<std::size_t>(env / kWidth)];
      EventMemory memory;
      sim::extract_lane<R, double>(pack, lane, memory);
      task_.startup(rows, memory, startup_draws(env));
      sim::insert_lane<R, double>(memory, lane, pack);
      exchange([&](R& number, double value) {
        physics::set_lane(number, lane, static_cast<Scalar>(value));
      });
      constants.update(worlds_, env);
    }
  }
}

template <class Task, class R>
typename LanesEnv<Task, R>::Workspace& LanesEnv<Task, R>::open(int pack, int thread) {
  Workspace& w = *workspaces_[static_cast<std::size_t>(thread)];
  worlds_.load(pack, w.data);
  w.pack = pack;
  w.first_env = pack * kWidth;
  w.num_envs = std::min(kWidth, spec().num_envs - w.first_env);
  w.diverged = Mask(false);
  w.memory = &memory_[static_cast<std::size_t>(pack)];
  for (int lane = 0; lane < kWidth; ++lane) {
    physics::set_lane(w.has_env, lane, lane < w.num_envs);
  }
  return w;
}

template <class Task, class R>
template <class F>
void LanesEnv<Task, R>::for_each_env(const Workspace& w, const Mask& lanes, F&& f) const {
  for (int lane = 0; lane < w.num_envs; ++lane) {
    if (physics::lane(lanes, lane)) {
      f(lane, w.first_env + lane);
    }
  }
}

/// The model's own state, and nothing pushing: what mj_resetData leaves.
template <class Task, class R>
void LanesEnv<Task, R>::reset_lane(Workspace& w, int lane) const {
  physics::PhysicsData<R>& d = w.data;
  for (int i = 0; i < nq(); ++i) {
    physics::set_lane(d.qpos[i], lane, physics_.model.qpos0[i]);
  }
  for (physics::Array<R>* zeros :
       {&d.qvel, &d.act, &d.qacc_warmstart, &d.ctrl, &d.cfrc_ext, &d.sensordata}) {
    for (R& number : *zeros) {
      physics::set_lane(number, lane, Scalar(0));
    }
  }
}

template <class Task, class R>
void LanesEnv<Task, R>::begin_episode(Workspace& w, int lane, const Start& start) {
  const int env = w.first_env + lane;
  begin_clock(env);
  reset_lane(w, lane);
  sim::OneLaneView<R> world(w.data, lane);
  EventMemory memory;
  sim::extract_lane<R, double>(*w.memory, lane, memory);
  if (start.is_given()) {
    for (int i = 0; i < nq(); ++i) {
      world.set_qpos(i, start.qpos(env, i));
    }
    for (int i = 0; i < nv(); ++i) {
      world.set_qvel(i, start.qvel(env, i));
    }
    GivenStart<sim::OneLaneView<R>> given(w.data, lane);
    task_.start(given, memory, draws(env));
  } else {
    task_.start(world, memory, draws(env));
  }
  sim::insert_lane<R, double>(memory, lane, *w.memory);
}

template <class Task, class R>
void LanesEnv<Task, R>::begin_all(const Start& start, const StepBuffers& out) {
  std::ranges::fill(memory_, Memory{});
  randomise_models();
  pool_.parallel_for(worlds_.num_packs(), [&](int pack, int thread) {
    Workspace& w = open(pack, thread);
    for_each_env(w, w.has_env, [&](int lane, int /*env*/) { begin_episode(w, lane, start); });
    task_.spec().derived_stale ? forward(w, w.has_env) : physics::refresh(physics_.model, w.data);
    observe(w, w.has_env, Mask(false), out.observation);
    worlds_.store(pack, w.data);
  });
}

template <class Task, class R>
void LanesEnv<Task, R>::append_physics_state(Fields& fields) {
  const int size = worlds_.state_size();
  saved_physics_.clear();
  for (int env = 0; env < spec().num_envs; ++env) {
    for_each_number(worlds_.state(), size, env, [&](const R& number) {
      saved_physics_.push_back(physics::lane(number, env % kWidth));
    });
  }
  fields.push_back(make_field("env/physics", {spec().num_envs, size}, saved_physics_.data()));
}

template <class Task, class R>
void LanesEnv<Task, R>::append_memory_state(Fields& fields) {
  saved_memory_.resize(static_cast<std::size_t>(spec().num_envs));
  for (int env = 0; env < spec().num_envs; ++env) {
    sim::extract_lane<R, Scalar>(memory_[static_cast<std::size_t>(env / kWidth)], env % kWidth,
                                 saved_memory_[static_cast<std::size_t>(env)]);
  }
  append_memory<Scalar>(fields, std::span(saved_memory_));
}

template <class Task, class R>
std::vector<std::vector<typename LanesEnv<Task, R>::Scalar>> LanesEnv<Task, R>::model_of(
    int env) const {
  std::vector<std::vector<Scalar>> rows;
  for (const std::span<R> field : randomised_) {
    std::vector<Scalar>& row = rows.emplace_back();
    for_each_number(field, static_cast<int>(field.size()) / worlds_.num_packs(), env,
                    [&](const R& number) { row.push_back(physics::lane(number, env % kWidth)); });
  }
  return rows;
}

template <class Task, class R>
Fields LanesEnv<Task, R>::models() {
  Fields fields;
  if constexpr (requires { task_.randomised_fields(); }) {
    saved_models_.assign(randomised_.size(), {});
    for (int env = 0; env < spec().num_envs; ++env) {
      const std::vector<std::vector<Scalar>> rows = model_of(env);
      for (std::size_t field = 0; field < rows.size(); ++field) {
        saved_models_[field].insert(saved_models_[field].end(), rows[field].begin(),
                                    rows[field].end());
      }
    }
    const std::vector<std::string> names = task_.randomised_fields();
    for (std::size_t field = 0; field < names.size(); ++field) {
      const auto size = static_cast<std::int64_t>(saved_models_[field].size());
      fields.push_back(make_field("model/" + names[field],
                                  {spec().num_envs, size / spec().num_envs},
                                  saved_models_[field].data()));
    }
  }
  return fields;
}

/// Takes over the rows that models() showed.
template <class Task, class R>
void LanesEnv<Task, R>::restore_models() {
  require(saved_models_.size() == randomised_.size(), "restore_models() without models()");
  if (randomised_.empty()) {
    return;
  }
  for (std::size_t field = 0; field < randomised_.size(); ++field) {
    const Scalar* value = saved_models_[field].data();
    const int size = static_cast<int>(randomised_[field].size()) / worlds_.num_packs();
    for (int env = 0; env < spec().num_envs; ++env) {
      for_each_number(randomised_[field], size, env,
                      [&](R& number) { physics::set_lane(number, env % kWidth, *value++); });
    }
  }
  sim::ConstantSolver constants(*model_);
  for (int env = 0; env < spec().num_envs; ++env) {
    constants.update(worlds_, env);
  }
}

/// Takes over the rows that state() showed.
template <class Task, class R>
void LanesEnv<Task, R>::restore() {
  require(!saved_memory_.empty(), "restore() without state()");
  const Scalar* value = saved_physics_.data();
  for (int env = 0; env < spec().num_envs; ++env) {
    for_each_number(worlds_.state(), worlds_.state_size(), env,
                    [&](R& number) { physics::set_lane(number, env % kWidth, *value++); });
    sim::insert_lane<R, Scalar>(saved_memory_[static_cast<std::size_t>(env)], env % kWidth,
                                memory_[static_cast<std::size_t>(env / kWidth)]);
  }
  randomise_models();
}

}  // namespace fleet::envs
