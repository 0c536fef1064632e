#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>

#include "envs/mujoco_env.h"

// How a MujocoEnv is made, starts episodes, and exposes its state.

namespace fleet::envs {

/// A NaN must be seen, not reset behind our back: MuJoCo's own reset is off.
inline sim::ModelPtr without_autoreset(sim::ModelPtr model) {
  model->opt.disableflags |= mjDSBL_AUTORESET;
  return model;
}

template <class Task>
MujocoEnv<Task>::MujocoEnv(const typename Task::Config& config, const EnvOptions& options,
                           sim::ModelPtr model)
    : options_(options),
      model_(without_autoreset(std::move(model))),
      task_(config, *model_),
      spec_(make_env_spec(task_.spec(), options)),
      batch_(*model_, options.num_envs, options.num_threads),
      memory_(static_cast<std::size_t>(options.num_envs)),
      clock_(static_cast<std::size_t>(options.num_envs)),
      last_action_(static_cast<std::size_t>(spec_.num_rows()) *
                   static_cast<std::size_t>(spec_.action_dim)),
      sound_(spec_),
      totals_(options.num_envs, static_cast<int>(spec_.reward_terms.size()),
              static_cast<int>(spec_.termination_terms.size())),
      divergences_(batch_.state_size(), spec_.num_players * spec_.action_dim) {
  require(options.action_delay[1] <= task_.spec().substeps,
          "options.action_delay: expected at most " + std::to_string(task_.spec().substeps) +
              " physics steps, one control step");
  if constexpr (requires { task_.randomised_fields(); }) {
    for (const std::string& field : task_.randomised_fields()) {
      randomised_.push_back(batch_.expand(field));
    }
  }
}

template <class Task>
tasks::Draws MujocoEnv<Task>::draws(int env) const {
  const Clock& clock = clock_[static_cast<std::size_t>(env)];
  return {.seed = seed_,
          .env = static_cast<std::uint32_t>(options_.first_env + env),
          .episode = clock.episode,
          .step = clock.step,
          .vector_steps = vector_steps_,
          .evaluation = options_.evaluation};
}

/// Draws every world's own model from the seed. Starts from the model's values, so that it may be
/// called again after a resume; lasting memory it draws too is the same each time.
template <class Task>
void MujocoEnv<Task>::randomise_models() {
  if constexpr (requires { task_.randomised_fields(); }) {
    constexpr std::size_t kMaxFields = 16;
    require(randomised_.size() <= kMaxFields, "more than 16 randomised model fields");
    for (int env = 0; env < spec_.num_envs; ++env) {
      std::array<std::span<double>, kMaxFields> rows;
      for (std::size_t field = 0; field < randomised_.size(); ++field) {
        const std::size_t size =
            randomised_[field].size() / static_cast<std::size_t>(spec_.num_envs);
        rows[field] = randomised_[field].subspan(size * static_cast<std::size_t>(env), size);
      }
      tasks::Draws startup = draws(env);
      startup.episode = startup.step = 0;
      task_.startup({rows.data(), randomised_.size()}, memory_[static_cast<std::size_t>(env)],
                    startup);
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
  const auto index = static_cast<std::size_t>(env);
  Clock& clock = clock_[index];
  ++clock.episode;
  clock.step = 0;
  clock.age = 0;
  Random random = draws(env)(Purpose::kDelay);
  clock.delay = options_.action_delay[0] +
                random.index(options_.action_delay[1] - options_.action_delay[0] + 1);
  const std::size_t actions = last_action_.size() / clock_.size();
  std::fill_n(last_action_.begin() + static_cast<std::ptrdiff_t>(index * actions), actions, 0.0);
  mj_resetData(m, d);
  View view(m, d);
  task_.start(view, memory_[index], draws(env));
  if (start.qpos.num_rows() > 0) {
    std::copy_n(&start.qpos(env, 0), m->nq, d->qpos);
    std::copy_n(&start.qvel(env, 0), m->nv, d->qvel);
  }
  refresh(m, d);
}

template <class Task>
void MujocoEnv<Task>::reset_all(std::uint64_t seed, const Start& start, const StepBuffers& out) {
  seed_ = seed;
  vector_steps_ = 0;
  std::ranges::fill(clock_, Clock{});
  std::ranges::fill(memory_, Memory{});
  totals_ = EpisodeTotals(spec_.num_envs, static_cast<int>(spec_.reward_terms.size()),
                          static_cast<int>(spec_.termination_terms.size()));
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
void MujocoEnv<Task>::reset(std::uint64_t seed, const StepBuffers& out) {
  reset_all(seed, {}, out);
}

template <class Task>
void MujocoEnv<Task>::reset_to(std::uint64_t seed, BatchView<const double> qpos,
                               BatchView<const double> qvel, const StepBuffers& out) {
  require_shape("qpos", qpos, spec_.num_envs, nq());
  require_shape("qvel", qvel, spec_.num_envs, nv());
  reset_all(seed, {qpos, qvel}, out);
}

template <class Task>
void MujocoEnv<Task>::randomise_episode_clocks() {
  constexpr std::uint32_t kStep = 0xFFFFFFFFU;  // no step of an episode has this number
  for (int env = 0; env < spec_.num_envs && spec_.max_episode_steps > 0; ++env) {
    tasks::Draws clock_draws = draws(env);
    clock_draws.step = kStep;
    clock_[static_cast<std::size_t>(env)].age =
        clock_draws(Purpose::kReset).index(spec_.max_episode_steps);
  }
}

template <class Task>
Fields MujocoEnv<Task>::state() {
  const std::int64_t n = spec_.num_envs;
  Fields fields{
      make_field("env/seed", {1}, &seed_),
      make_field("env/vector_steps", {1}, &vector_steps_),
      make_field("env/physics", {n, batch_.state_size()}, batch_.state().data()),
      make_field("env/last_action", {spec_.num_rows(), spec_.action_dim}, last_action_.data())};
  // Counters are exposed as int32: safetensors has no U32 here, and none reaches 2^31.
  const auto add_clock = [&](const char* name, auto* first) {
    fields.push_back(make_strided_field(name, {n}, reinterpret_cast<std::int32_t*>(first),
                                        sizeof(Clock)));
  };
  add_clock("env/clock/episode", &clock_[0].episode);
  add_clock("env/clock/step", &clock_[0].step);
  add_clock("env/clock/age", &clock_[0].age);
  add_clock("env/clock/delay", &clock_[0].delay);
  memory_[0].fields([&](const char* name, auto& member) {
    constexpr auto kCount = static_cast<std::int64_t>(sizeof(member) / sizeof(double));
    fields.push_back(make_strided_field(std::string("env/memory/") + name, {n, kCount},
                                        reinterpret_cast<double*>(&member), sizeof(Memory)));
  });
  sound_.append_state(fields);
  totals_.append_state(fields);
  return fields;
}

template <class Task>
Statistics MujocoEnv<Task>::take_statistics() {
  return totals_.take(spec_.num_players * spec_.action_dim);
}

}  // namespace fleet::envs
