#pragma once

#include <array>
#include <limits>
#include <string>
#include <vector>

#include "cuda/physics/engine.h"
#include "sim/lane_view.h"
#include "sim/mj_view.h"
#include "sim/physics_model.h"
#include "tasks/volley/volley_task.h"

namespace fleet::testing {

using tasks::VolleyConfig;
using tasks::VolleyKind;

/// The config of a task, without its file.
inline VolleyConfig volley_config(VolleyKind kind) {
  VolleyConfig config;
  config.kind = kind;
  config.pictures = false;
  config.anchors = {{4.5, 0.0, 2.0}};
  if (kind == VolleyKind::kBackAndForth) {
    config.anchors = {{4.5, 0.0, 2.0}, {9.0, 4.5, 2.0}};
  } else if (kind == VolleyKind::kBumpAndPass) {
    config.team_size = 2;
    config.anchors = {{4.5, -2.5, 2.0}, {4.5, 2.5, 2.0}};
  } else if (kind == VolleyKind::kSetAndSpike || kind == VolleyKind::kSetAndSpikeHard) {
    config.team_size = 2;
    config.anchors = {{2.0, -2.5, 2.5}, {2.0, 2.5, 3.5}};
  }
  return config;
}

/// A match of teams of one, three or six.
inline VolleyConfig match_config(int team_size) {
  VolleyConfig config = volley_config(VolleyKind::kMatch);
  config.team_size = team_size;
  config.court = {.length = 12.0, .width = 6.0};
  config.anchors = {{3.0, -1.5, 2.0}, {3.0, 1.5, 2.0}, {6.0, 0.0, 2.0}};
  config.server = 2;
  if (team_size == 1) {
    config.court = {.length = 6.0, .width = 3.0};
    config.anchors = {{1.5, 0.0, 2.0}};
    config.server = 0;
  } else if (team_size == 6) {
    config.court = {.length = 18.0, .width = 9.0};
    config.anchors = {{3.0, -3.0, 2.0}, {3.0, 0.0, 2.0}, {3.0, 3.0, 2.0},
                      {6.0, -3.0, 2.0}, {9.0, 0.0, 2.0}, {6.0, 3.0, 2.0}};
    config.server = 4;
  }
  return config;
}

/// A world of MuJoCo's.
class MujocoPhysics {
 public:
  using View = sim::MjView;
  explicit MujocoPhysics(const mjModel& model) : model_(model), data_(sim::make_data(model)) {}
  View view() { return {&model_, data_.get()}; }
  void step() { mj_step(&model_, data_.get()); }

 private:
  const mjModel& model_;
  sim::DataPtr data_;
};

/// A world of our engine, in double precision.
class LanePhysics {
 public:
  using View = sim::LaneView<double>;
  explicit LanePhysics(const mjModel& model)
      : physics_(sim::make_physics<double>(model)), data_(physics_) {}
  View view() { return {physics_.model, data_}; }
  void step() { physics::step(physics_.model, data_); }

 private:
  physics::Physics<double> physics_;
  physics::PhysicsMemory<double> data_;
};

/// One env of drone volleyball, stepped in the order of the env.
template <class Physics = MujocoPhysics>
class VolleyWorld {
 public:
  explicit VolleyWorld(const VolleyConfig& config)
      : model_(tasks::VolleyTask::build_model(config)),
        physics_(*model_),
        task_(config, *model_),
        action(static_cast<std::size_t>(4 * config.num_players()), -1.0),
        reward(static_cast<std::size_t>(config.num_players()) * task_.spec().reward_terms.size(),
               std::numeric_limits<double>::quiet_NaN()),
        metrics(static_cast<std::size_t>(config.num_players()) * task_.spec().metrics.size(),
                std::numeric_limits<double>::quiet_NaN()) {
    start(0);
  }

  void start(std::uint32_t env, std::uint64_t seed = 1) {
    auto view = this->view();
    task_.start(view, memory, tasks::Draws{.seed = seed, .env = env});
  }
  void substep() {
    auto view = this->view();
    task_.before_substep(view, memory, action.data());
    physics_.step();
    task_.after_substep(view, memory);
  }
  /// @returns which terminations hold
  std::vector<std::string> evaluate() {
    auto view = this->view();
    task_.after_substeps(view, memory);
    const auto ends =
        task_.evaluate(view, memory, action.data(), reward.data(), metrics.data());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < task_.spec().termination_terms.size(); ++i) {
      if (ends[i].scalar()) {
        names.push_back(task_.spec().termination_terms[i]);
      }
    }
    return names;
  }
  std::vector<std::string> step() {
    for (int k = 0; k < task_.spec().substeps; ++k) {
      substep();
    }
    return evaluate();
  }
  std::vector<double> observe(int player) {
    auto view = this->view();
    std::vector<double> row(static_cast<std::size_t>(task_.spec().observations[0].dim()),
                            std::numeric_limits<double>::quiet_NaN());
    task_.observe(view, memory, player, 0, row.data());
    return row;
  }

  void place_drone(int player, const std::array<double, 3>& pos,
                   const std::array<double, 3>& velocity = {},
                   const std::array<double, 4>& quat = {1.0, 0.0, 0.0, 0.0},
                   const std::array<double, 3>& rate = {}) {
    auto view = this->view();
    for (int k = 0; k < 3; ++k) {
      const auto i = static_cast<std::size_t>(k);
      view.set_qpos(7 * player + k, pos[i]);
      view.set_qvel(6 * player + k, velocity[i]);
      view.set_qvel(6 * player + 3 + k, rate[i]);
    }
    for (int k = 0; k < 4; ++k) {
      view.set_qpos(7 * player + 3 + k, quat[static_cast<std::size_t>(k)]);
    }
  }
  void place_ball(const std::array<double, 3>& pos, const std::array<double, 3>& velocity = {}) {
    auto view = this->view();
    tasks::set_ball(view, task_.numbers(), {{pos[0], pos[1], pos[2]},
                                            {velocity[0], velocity[1], velocity[2]}});
  }
  tasks::Flight<double> ball() {
    auto view = this->view();
    return tasks::ball_state(view, task_.numbers());
  }
  tasks::DroneState<double> drone(int player) {
    auto view = this->view();
    return tasks::drone_state(view, player);
  }
  typename Physics::View view() { return physics_.view(); }
  const tasks::VolleyTask& task() const { return task_; }
  const mjModel& model() const { return *model_; }
  double term(int player, const std::string& name) const {
    const auto& names = task_.spec().reward_terms;
    const auto at = std::find(names.begin(), names.end(), name) - names.begin();
    return reward.at(static_cast<std::size_t>(player) * names.size() + static_cast<std::size_t>(at));
  }

 private:
  sim::ModelPtr model_;
  Physics physics_;
  tasks::VolleyTask task_;

 public:
  tasks::VolleyMemory<double> memory;
  std::vector<double> action, reward, metrics;
};

}  // namespace fleet::testing
