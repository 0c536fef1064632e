// Tests for tasks/playground/: episodes recorded from MuJoCo Playground, and events by hand.

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/mj_view.h"
#include "sim/model.h"
#include "tasks/playground/g1_joystick.h"
#include "tasks/playground/go1_joystick.h"
#include "tests/support/npz.h"

namespace fleet::tasks {
namespace {

using fleet::testing::Array;
using ::testing::ElementsAre;
using Recording = std::map<std::string, Array>;

/// Chaos multiplies the last bit by millions within an episode, so this holds only because the same
/// MuJoCo calls are made in the same order.
constexpr double kTolerance = 1e-9;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Recording load_recording(const std::string& name) {
  return fleet::testing::load_npz(std::string(FLEET_SOURCE_DIR) + "/tests/testdata/playground/" +
                                  name + ".npz");
}

/// The default weights, all of them seen: as the recording has them.
template <class Config>
Config config_of(const Recording& recorded) {
  Config config;
  config.reward.fields([&](const std::string& name, double& scale) {
    scale = recorded.at("scale/" + name).data[0];
  });
  return config;
}

/// One world of a task, stepped in the order of the env. As in a batch, only what mj_getState knows
/// and the task's memory last from one control step to the next.
template <class Task>
class World {
 public:
  using Config = typename Task::Config;
  explicit World(const Config& config = {})
      : model_(load(config)),
        data_(sim::make_data(*model_)),
        other_data_(sim::make_data(*model_)),
        task_(config, *model_),
        reward_(task_.spec().reward_terms.size(), kNan),
        metrics_(task_.spec().metrics.size(), kNan) {
    for (const ObservationGroup& group : task_.spec().observations) {
      observation_.emplace_back(group.dim(), kNan);
    }
  }

  void start(std::uint32_t env = 0, std::int64_t vector_steps = 0) {
    mj_resetData(model_.get(), data_.get());
    sim::MjView view = this->view();
    task_.start(view, memory_, Draws{.seed = 3, .env = env, .vector_steps = vector_steps});
    mj_forward(model_.get(), data_.get());
    observe();
  }

  /// An episode from a given state. @param change what the memory of that state is given
  template <class F>
  void start_from(const double* qpos, const double* qvel, F&& change) {
    start();
    mj_resetData(model_.get(), data_.get());
    std::copy_n(qpos, model_->nq, data_->qpos);
    std::copy_n(qvel, model_->nv, data_->qvel);
    std::copy_n(qpos + 7, model_->nu, data_->ctrl);
    change(memory_);
    mj_forward(model_.get(), data_.get());
    observe();
  }

  void step(const double* action) {
    move_to_other_data();
    sim::MjView view = this->view();
    for (int substep = 0; substep < task_.spec().substeps; ++substep) {
      task_.before_substep(view, memory_, action);
      mj_step(model_.get(), data_.get());
      task_.after_substep(view, memory_);
    }
    terminated_ = false;
    for (const auto mask : task_.evaluate(view, memory_, action, reward_.data(), metrics_.data())) {
      terminated_ = terminated_ || mask.scalar();
    }
    observe();
  }

  /// The events between two control steps, as the env lets them happen.
  void pass(std::uint32_t step) {
    sim::MjView view = this->view();
    const Draws draws{.seed = 3, .step = step};
    if (task_.tick(view, memory_, draws).scalar()) {
      EXPECT_FALSE(task_.disturb(view, memory_, draws));
    }
  }

  double term(const std::string& name) const {
    const auto& names = task_.spec().reward_terms;
    return reward_.at(std::find(names.begin(), names.end(), name) - names.begin());
  }
  double reward() const { return std::accumulate(reward_.begin(), reward_.end(), 0.0); }

  const TaskSpec& spec() const { return task_.spec(); }
  const mjModel& model() const { return *model_; }
  const mjData& data() const { return *data_; }
  bool terminated() const { return terminated_; }
  const std::vector<double>& observation(std::size_t group) const { return observation_[group]; }
  typename Task::template Memory<double>& memory() { return memory_; }

 private:
  static sim::ModelPtr load(const Config& config) {
    sim::initialise_mujoco();
    return Task::load_model(config, std::string(FLEET_SOURCE_DIR) + "/third_party");
  }

  sim::MjView view() { return {model_.get(), data_.get()}; }

  void observe() {
    sim::MjView view = this->view();
    for (std::size_t group = 0; group < observation_.size(); ++group) {
      task_.observe(view, memory_, 0, static_cast<int>(group), observation_[group].data());
    }
  }

  void move_to_other_data() {
    std::vector<mjtNum> state(mj_stateSize(model_.get(), mjSTATE_INTEGRATION));
    mj_getState(model_.get(), data_.get(), state.data(), mjSTATE_INTEGRATION);
    std::swap(data_, other_data_);
    mj_setState(model_.get(), data_.get(), state.data(), mjSTATE_INTEGRATION);
  }

  sim::ModelPtr model_;
  sim::DataPtr data_, other_data_;
  Task task_;
  typename Task::template Memory<double> memory_{};
  std::vector<double> reward_, metrics_;
  std::vector<std::vector<double>> observation_;
  bool terminated_ = false;
};

/// Replays the episodes of one recording and keeps the worst difference. Commands, pushes and the
/// gait's frequency are random there, so they are taken from the recording.
template <class Task>
class Replay {
 public:
  explicit Replay(const std::string& name)
      : recorded_(load_recording(name)), world_(config_of<typename Task::Config>(recorded_)) {}

  double worst_difference() {
    for (std::size_t episode = 0; episode < recorded_.at("length").num_rows(); ++episode) {
      replay(episode);
    }
    EXPECT_EQ(step_, recorded_.at("reward").num_rows());
    EXPECT_EQ(row_, recorded_.at("state").num_rows());
    return worst_;
  }

 private:
  void replay(std::size_t episode) {
    world_.start_from(recorded_.at("start_qpos").row(episode),
                      recorded_.at("start_qvel").row(episode), [&](auto& memory) {
                        give_random(memory);
                        memory.seen_command = memory.command;
                        if constexpr (requires { memory.phase_step; }) {
                          memory.phase_step = recorded_.at("phase_dt").data[episode];
                        }
                      });
    compare_observation(episode, 0);
    const double length = recorded_.at("length").data[episode];
    for (int step = 1; step <= length; ++step, ++step_) {
      give_random(world_.memory());
      world_.step(recorded_.at("action").row(step_));
      compare_step();
      compare_observation(episode, step);
    }
  }

  void give_random(auto& memory) {
    std::copy_n(recorded_.at("command").row(step_), 3, memory.command.begin());
    if constexpr (requires { memory.push; }) {
      std::copy_n(recorded_.at("push").row(step_), 2, memory.push.begin());
    }
  }

  void compare_step() {
    compare(world_.reward(), recorded_.at("reward").data[step_], "reward");
    for (const auto& [name, values] : recorded_) {
      if (name.starts_with("reward/")) {
        const double paid = values.data[step_] * world_.spec().contract.control_period;
        compare(world_.term(name.substr(7)), paid, name);
      }
    }
    EXPECT_EQ(world_.terminated(), recorded_.at("terminated").data[step_] > 0) << "step " << step_;
  }

  void compare_observation(std::size_t episode, int step) {
    if (row_ == recorded_.at("state").num_rows() ||
        recorded_.at("observation_step").data[row_] != step ||
        recorded_.at("observation_episode").data[row_] != static_cast<double>(episode)) {
      return;
    }
    for (std::size_t group = 0; group < 2; ++group) {
      const Array& rows = recorded_.at(group == 0 ? "state" : "privileged_state");
      ASSERT_EQ(world_.observation(group).size(), rows.row_size());
      for (std::size_t i = 0; i < rows.row_size(); ++i) {
        compare(world_.observation(group)[i], rows.row(row_)[i],
                "observation " + std::to_string(group) + ' ' + std::to_string(i));
      }
    }
    ++row_;
  }

  void compare(double actual, double expected, const std::string& what) {
    const double difference = std::abs(actual - expected) / std::max(1.0, std::abs(expected));
    EXPECT_LE(difference, kTolerance) << what << ", step " << step_;
    worst_ = difference <= worst_ ? worst_ : difference;  // NaN wins, and stays
  }

  Recording recorded_;
  World<Task> world_;
  std::size_t step_ = 0;  ///< over all episodes
  std::size_t row_ = 0;   ///< of recorded observations
  double worst_ = 0.0;
};

template <class Task>
void expect_playgrounds(const std::string& recording) {
  std::cout << recording << ": worst difference " << Replay<Task>(recording).worst_difference()
            << '\n';
}

TEST(PlaygroundTest, Go1IsPlaygrounds) { expect_playgrounds<Go1JoystickTask>("Go1"); }
TEST(PlaygroundTest, G1IsPlaygrounds) { expect_playgrounds<G1JoystickTask>("G1"); }

/// What is common to both configs, and in the recorded default config under that path.
template <class Config>
void expect_common_defaults(Config config, const Recording& recorded) {
  const auto number = [&](const std::string& path) {
    return recorded.at("config/" + path).data[0];
  };
  config.reward.fields([&](const std::string& name, double scale) {
    EXPECT_EQ(scale, number("reward_config/scales/" + name)) << name;
  });
  config.noise.fields([&](const std::string& name, double scale) {
    EXPECT_EQ(scale, number("noise_config/scales/" + name)) << name;
  });
  EXPECT_EQ(number("noise_config/level"), 1.0);
  EXPECT_EQ(config.action_scale, number("action_scale"));
  EXPECT_EQ(config.soft_joint_pos_limit_factor, number("soft_joint_pos_limit_factor"));
  EXPECT_EQ(config.tracking_sigma, number("reward_config/tracking_sigma"));
  EXPECT_EQ(config.max_foot_height, number("reward_config/max_foot_height"));
  EXPECT_EQ(config.episode_length, number("episode_length"));
}

template <class Task>
void expect_common_rates(const Recording& recorded) {
  const TaskSpec spec = World<Task>().spec();
  EXPECT_EQ(spec.contract.physics_timestep, recorded.at("config/sim_dt").data[0]);
  EXPECT_DOUBLE_EQ(spec.contract.control_period, recorded.at("config/ctrl_dt").data[0]);
}

std::vector<double> values(const auto& range) { return {range.begin(), range.end()}; }

TEST(PlaygroundTest, Go1sDefaultsArePlaygrounds) {
  const Recording recorded = load_recording("Go1");
  const Go1JoystickConfig config;
  expect_common_defaults(config, recorded);
  expect_common_rates<Go1JoystickTask>(recorded);
  EXPECT_EQ(config.kp, recorded.at("config/Kp").data[0]);
  EXPECT_EQ(config.kd, recorded.at("config/Kd").data[0]);
  EXPECT_EQ(values(config.command.amplitude), recorded.at("config/command_config/a").data);
  EXPECT_EQ(values(config.command.keep), recorded.at("config/command_config/b").data);
}

TEST(PlaygroundTest, G1sDefaultsArePlaygrounds) {
  const Recording recorded = load_recording("G1");
  const G1JoystickConfig config;
  expect_common_defaults(config, recorded);
  expect_common_rates<G1JoystickTask>(recorded);
  const auto of = [&](const std::string& path) { return recorded.at("config/" + path).data; };
  EXPECT_EQ(config.base_height_target, of("reward_config/base_height_target")[0]);
  EXPECT_EQ(config.max_contact_force, of("reward_config/max_contact_force")[0]);
  EXPECT_EQ(values(config.command.lin_vel_x), of("lin_vel_x"));
  EXPECT_EQ(values(config.command.lin_vel_y), of("lin_vel_y"));
  EXPECT_EQ(values(config.command.ang_vel_yaw), of("ang_vel_yaw"));
  EXPECT_EQ(config.push.enable, of("push_config/enable")[0] == 1.0);
  EXPECT_EQ(values(config.push.interval_range), of("push_config/interval_range"));
  EXPECT_EQ(values(config.push.magnitude_range), of("push_config/magnitude_range"));
}

TEST(PlaygroundTest, Go1StartsInItsPoseMovingAnyHow) {
  World<Go1JoystickTask> world;
  double least_yaw = 0.0;
  double most_yaw = 0.0;
  for (std::uint32_t env = 0; env < 200; ++env) {
    world.start(env);
    const mjData& d = world.data();
    EXPECT_LE(std::abs(d.qpos[0]), 0.5);
    EXPECT_EQ(d.qpos[2], 0.278);
    EXPECT_EQ(d.qpos[7], 0.1);
    EXPECT_EQ(d.ctrl[0], 0.1);
    EXPECT_LE(std::abs(d.qvel[5]), 0.5);
    EXPECT_NE(d.qvel[5], 0.0);
    EXPECT_EQ(d.qvel[6], 0.0);
    const double yaw = 2.0 * std::atan2(d.qpos[6], d.qpos[3]);
    least_yaw = std::min(least_yaw, yaw);
    most_yaw = std::max(most_yaw, yaw);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_LE(std::abs(world.memory().command[k]), Go1Command{}.amplitude[k]);
      EXPECT_EQ(world.memory().command[k], world.observation(0)[45 + k]);
    }
  }
  EXPECT_LT(least_yaw, -3.0);
  EXPECT_GT(most_yaw, 3.0);
}

TEST(PlaygroundTest, G1sJointsStartAtHalfToOneAndAHalfOfTheirPose) {
  World<G1JoystickTask> world;
  for (std::uint32_t env = 0; env < 50; ++env) {
    world.start(env);
    const double knee = world.data().qpos[7 + 3];
    EXPECT_GE(knee, 0.5 * 0.669);
    EXPECT_LE(knee, 1.5 * 0.669);
    EXPECT_EQ(world.data().ctrl[3], knee);
    EXPECT_GE(world.memory().phase_step, 2.0 * 3.14159 * 0.02 * 1.25);
    EXPECT_LE(world.memory().phase_step, 2.0 * 3.1416 * 0.02 * 1.5);
  }
}

/// 20000 components and intervals: shares are known to .4 % (one sigma).
TEST(PlaygroundTest, Go1sCommandsChangeAsPlaygrounds) {
  World<Go1JoystickTask> world;
  world.start();
  constexpr int kCommands = 20000;
  std::array<double, 3> kept{}, zero{};
  double steps = 0.0;
  for (std::uint32_t i = 1; i <= kCommands; ++i) {
    auto& memory = world.memory();
    memory.command = {0.3, 0.3, 0.3};
    memory.command_steps = 1.0;
    world.pass(i);
    steps += memory.command_steps / kCommands;
    for (std::size_t k = 0; k < 3; ++k) {
      kept[k] += memory.command[k] == 0.3 ? 1.0 / kCommands : 0.0;
      zero[k] += memory.command[k] == 0.0 ? 1.0 / kCommands : 0.0;
    }
  }
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(kept[k], 0.5, 0.015);
    EXPECT_NEAR(zero[k], 0.5 * (1.0 - Go1Command{}.keep[k]), 0.015);
  }
  EXPECT_NEAR(steps, 250.0, 7.0);  // of an exponential: one sigma is 1.8
}

TEST(PlaygroundTest, G1sCommandsLast501Steps) {
  World<G1JoystickTask> world;
  world.start();
  const auto first = world.memory().command;
  for (std::uint32_t step = 1; step <= 500; ++step) {
    world.pass(step);
    ASSERT_EQ(world.memory().command, first) << step;
  }
  world.pass(501);
  EXPECT_NE(world.memory().command, first);
  EXPECT_EQ(world.memory().command_steps, 501.0);
}

TEST(PlaygroundTest, G1IsPushedOnceAnInterval) {
  World<G1JoystickTask> world;
  world.start();
  const double interval = world.memory().push_interval;
  EXPECT_GE(interval, 250.0);
  EXPECT_LE(interval, 500.0);
  const std::vector<double> action(29, 0.0);
  std::vector<double> pushed_before;  // the index of the step that begins pushed
  for (std::uint32_t step = 1; step <= 1000; ++step) {
    world.pass(step);
    const auto& push = world.memory().push;
    const double size = std::hypot(push[0], push[1]);
    if (size > 0.0) {
      EXPECT_GE(size, 0.1);
      EXPECT_LE(size, 2.0);
      pushed_before.push_back(step);
      world.step(action.data());
      EXPECT_THAT(world.memory().push, ElementsAre(0.0, 0.0));
    }
  }
  ASSERT_GE(pushed_before.size(), 2U);
  EXPECT_EQ(pushed_before[0], interval - 1.0);  // steps count from 0: the interval-th step
  EXPECT_EQ(pushed_before[1], 2.0 * interval - 1.0);
}

TEST(PlaygroundTest, Go1IsNeverPaidLessThanNothing) {
  World<Go1JoystickTask> world;
  world.start();
  const std::vector<double> flailing(12, 1.0);
  double floor = 0.0;
  for (int step = 0; step < 30; ++step) {
    world.step(flailing.data());
    EXPECT_GE(world.reward(), -1e-15);
    floor = std::max(floor, world.term("floor"));
  }
  EXPECT_GT(floor, 0.0);
}

/// The terms of one step after so many steps of the batch, with the same state and action.
std::vector<double> terms_at(std::int64_t vector_steps, const JoystickCurriculum& curriculum) {
  Go1JoystickConfig config;
  config.curriculum = curriculum;
  World<Go1JoystickTask> world(config);
  world.start(0, vector_steps);
  world.step(std::vector<double>(12, 0.3).data());
  std::vector<double> terms;
  for (const std::string& name : world.spec().reward_terms) {
    terms.push_back(world.term(name));
  }
  return terms;
}

TEST(PlaygroundTest, TheCurriculumGoesFromItsFirstValuesToTheTask) {
  const JoystickCurriculum curriculum{.steps = 100, .penalty_scale = 0.5, .tracking_sigma = 1.0};
  const std::vector<double> task = terms_at(0, {});
  const std::vector<double> first = terms_at(0, curriculum);
  const std::vector<double> half = terms_at(50, curriculum);
  EXPECT_EQ(terms_at(100, curriculum), task);
  EXPECT_EQ(terms_at(1000, curriculum), task);
  const double error2 = -0.25 * std::log(task[0] / 0.02);  // from exp(-error2 / .25), weight 1
  EXPECT_NEAR(first[0], 0.02 * std::exp(-error2), 1e-12);
  EXPECT_NEAR(half[0], 0.02 * std::exp(-error2 / 0.625), 1e-12);
  ASSERT_LT(task[4], 0.0);  // orientation
  EXPECT_DOUBLE_EQ(first[4], 0.5 * task[4]);
  EXPECT_DOUBLE_EQ(half[4], 0.75 * task[4]);
  EXPECT_EQ(first[7], task[7]);  // pose, a reward
}

TEST(PlaygroundTest, MirrorsAreInvolutions) {
  for (const TaskSpec& spec : {World<Go1JoystickTask>().spec(), World<G1JoystickTask>().spec()}) {
    ASSERT_EQ(spec.observation_mirror.size(), spec.observations.size());
    std::vector<Mirror> mirrors = spec.observation_mirror;
    mirrors.push_back(spec.action_mirror);
    for (std::size_t k = 0; k < mirrors.size(); ++k) {
      const auto& [source, sign] = mirrors[k];
      const int dim = k < spec.observations.size() ? spec.observations[k].dim() : spec.action_dim;
      ASSERT_EQ(source.size(), static_cast<std::size_t>(dim));
      for (std::size_t i = 0; i < source.size(); ++i) {
        EXPECT_EQ(source[source[i]], static_cast<int>(i));
        EXPECT_EQ(sign[i] * sign[source[i]], 1.0F);
      }
    }
  }
}

std::vector<double> mirrored(const Mirror& mirror, const std::vector<double>& row) {
  std::vector<double> result;
  for (std::size_t i = 0; i < row.size(); ++i) {
    result.push_back(mirror.sign[i] * row[mirror.source[i]]);
  }
  return result;
}

/// A robot in the mirror that acts as in the mirror sees what the mirror shows. Nearly: the Go1's
/// imu is off its middle, and neither trunk is quite symmetric.
template <class Task>
void expect_mirror_image() {
  World<Task> world;
  World<Task> image;
  world.start();
  const TaskSpec& spec = world.spec();
  const mjModel& model = world.model();
  std::vector<double> qpos(world.data().qpos, world.data().qpos + model.nq);
  std::vector<double> qvel(world.data().qvel, world.data().qvel + model.nv);
  std::vector<double> action;
  for (int j = 0; j < model.nu; ++j) {
    action.push_back(0.5 * std::sin(3.0 * j + 1.0));
    qpos[7 + j] += 0.1 * std::sin(5.0 * j);
    qvel[6 + j] = 2.0 * std::cos(7.0 * j);
  }
  const auto mirror_joints = [&](std::vector<double>& row, int first) {
    const std::vector<double> joints(row.begin() + first, row.end());
    std::ranges::copy(mirrored(spec.action_mirror, joints), row.begin() + first);
  };
  world.start_from(qpos.data(), qvel.data(),
                   [](auto& memory) { memory.command = memory.seen_command = {0.5, 0.4, 0.3}; });
  for (const int i : {1, 4, 6}) {
    qpos[i] = -qpos[i];
  }
  for (const int i : {1, 3, 5}) {
    qvel[i] = -qvel[i];
  }
  mirror_joints(qpos, 7);
  mirror_joints(qvel, 6);
  image.start_from(qpos.data(), qvel.data(), [](auto& memory) {
    memory.command = memory.seen_command = {0.5, -0.4, -0.3};
    if constexpr (requires { memory.phase; }) {
      std::swap(memory.phase[0], memory.phase[1]);
    }
  });
  for (int step = 0; step < 2; ++step) {
    world.step(action.data());
    image.step(mirrored(spec.action_mirror, action).data());
  }
  for (std::size_t group = 0; group < 2; ++group) {
    const auto expected = mirrored(spec.observation_mirror[group], world.observation(group));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(image.observation(group)[i], expected[i], 0.3 + 0.1 * std::abs(expected[i]))
          << "group " << group << ", number " << i;
    }
  }
}

TEST(PlaygroundTest, Go1sMirrorIsThatOfTheWorld) { expect_mirror_image<Go1JoystickTask>(); }
TEST(PlaygroundTest, G1sMirrorIsThatOfTheWorld) { expect_mirror_image<G1JoystickTask>(); }

}  // namespace
}  // namespace fleet::tasks
