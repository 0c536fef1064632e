// Tests for tasks/gym/: whole episodes recorded from Gymnasium, and the terms by hand.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/mj_view.h"
#include "sim/model.h"
#include "tasks/gym/gym_tasks.h"
#include "tests/support/npz.h"

namespace fleet::tasks {
namespace {

using fleet::testing::Array;
using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

sim::ModelPtr load_quietly(const std::string& name) {
  sim::initialise_mujoco();  // half_cheetah.xml is old enough for a warning
  return sim::load_model(std::string(FLEET_SOURCE_DIR) + "/third_party/" + kGymModelFolder + "/" +
                         name);
}

/// One world of a task, stepped in the order of the env. As in a batch, only what mj_getState knows
/// and the task's memory last from one control step to the next.
template <class Task>
class World {
 public:
  using Config = typename Task::Config;
  explicit World(const Config& config = {})
      : model_(load_quietly(Task::kModelFile)),
        data_(sim::make_data(*model_)),
        other_data_(sim::make_data(*model_)),
        task_(config, *model_),
        reward_(task_.spec().reward_terms.size(), kNan),
        metrics_(task_.spec().metrics.size(), kNan),
        observation_(task_.spec().observations[0].dim(), kNan) {}

  void reset(const double* qpos, const double* qvel) {
    mj_resetData(model_.get(), data_.get());
    std::copy_n(qpos, model_->nq, data_->qpos);
    std::copy_n(qvel, model_->nv, data_->qvel);
    mj_forward(model_.get(), data_.get());
    observe();
  }

  void start(std::uint64_t seed, std::uint32_t env = 0) {
    mj_resetData(model_.get(), data_.get());
    sim::MjView view = this->view();
    task_.start(view, memory_, Draws{.seed = seed, .env = env});
  }

  void step(const double* action) {
    move_to_other_data();
    sim::MjView view = this->view();
    for (int substep = 0; substep < task_.spec().substeps; ++substep) {
      task_.before_substep(view, memory_, action);
      mj_step(model_.get(), data_.get());
      task_.after_substep(view, memory_);
    }
    task_.after_substeps(view, memory_);
    evaluate(action);
    observe();
  }

  void evaluate(const double* action) {
    sim::MjView view = this->view();
    terminated_ = false;
    for (const auto mask : task_.evaluate(view, memory_, action, reward_.data(), metrics_.data())) {
      terminated_ = terminated_ || mask.scalar();
    }
  }
  /// Evaluates the state as it is, under an action of zeros.
  void evaluate() { evaluate(std::vector<double>(model_->nu, 0.0).data()); }

  void observe() {
    sim::MjView view = this->view();
    task_.observe(view, memory_, 0, 0, observation_.data());
  }

  double term(const std::string& name) const {
    const auto& names = task_.spec().reward_terms;
    return reward_.at(std::find(names.begin(), names.end(), name) - names.begin());
  }
  double reward() const { return std::accumulate(reward_.begin(), reward_.end(), 0.0); }

  const TaskSpec& spec() const { return task_.spec(); }
  const mjModel& model() const { return *model_; }
  mjData& data() { return *data_; }
  bool terminated() const { return terminated_; }
  const std::vector<double>& metrics() const { return metrics_; }
  const std::vector<double>& observation() const { return observation_; }

 private:
  sim::MjView view() { return {model_.get(), data_.get()}; }

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
  std::vector<double> reward_, metrics_, observation_;
  bool terminated_ = false;
};

/// Replays the episodes of one recording and keeps the worst difference.
template <class Task>
class Replay {
 public:
  explicit Replay(const std::string& name)
      : recorded_(fleet::testing::load_npz(std::string(FLEET_SOURCE_DIR) + "/tests/testdata/gym/" +
                                           name + ".npz")) {}

  double worst_difference() {
    for (std::size_t episode = 0; episode < recorded_.at("length").num_rows(); ++episode) {
      replay(episode);
    }
    EXPECT_EQ(step_, recorded_.at("reward").num_rows());
    EXPECT_EQ(row_, recorded_.at("observation").num_rows());
    return worst_;
  }

 private:
  void replay(std::size_t episode) {
    world_.reset(recorded_.at("start_qpos").row(episode), recorded_.at("start_qvel").row(episode));
    compare_observation(episode, 0);
    const double length = recorded_.at("length").data[episode];
    for (int step = 1; step <= length; ++step, ++step_) {
      world_.step(recorded_.at("action").row(step_));
      compare_step();
      EXPECT_EQ(step == world_.spec().max_episode_steps, recorded_.at("truncated").data[step_] > 0);
      compare_observation(episode, step);
    }
  }

  void compare_step() {
    compare(world_.reward(), recorded_.at("reward").data[step_]);
    for (const auto& [name, values] : recorded_) {
      if (name.starts_with("reward_")) {
        compare(world_.term(name), values.data[step_]);
      }
    }
    if (recorded_.contains("x_velocity")) {
      compare(world_.metrics().at(0), recorded_.at("x_velocity").data[step_]);
    }
    EXPECT_EQ(world_.terminated(), recorded_.at("terminated").data[step_] > 0) << "step " << step_;
  }

  void compare_observation(std::size_t episode, int step) {
    const Array& rows = recorded_.at("observation");
    if (row_ == rows.num_rows() || recorded_.at("observation_step").data[row_] != step ||
        recorded_.at("observation_episode").data[row_] != static_cast<double>(episode)) {
      return;
    }
    ASSERT_EQ(world_.observation().size(), rows.row_size());
    for (std::size_t i = 0; i < rows.row_size(); ++i) {
      compare(world_.observation()[i], rows.row(row_)[i]);
    }
    ++row_;
  }

  void compare(double actual, double expected) {
    const double difference = std::abs(actual - expected) / std::max(1.0, std::abs(expected));
    worst_ = difference <= worst_ ? worst_ : difference;  // NaN wins, and stays
  }

  std::map<std::string, Array> recorded_;
  World<Task> world_;
  std::size_t step_ = 0;  ///< over all episodes
  std::size_t row_ = 0;   ///< of recorded observations
  double worst_ = 0.0;
};

/// Chaos multiplies the last bit by millions within an episode, so this holds only because the
/// same MuJoCo calls are made in the same order.
template <class Task>
void expect_gymnasium(const std::string& recording) {
  const double worst = Replay<Task>(recording).worst_difference();
  std::cout << recording << ": worst difference " << worst << '\n';
  EXPECT_LE(worst, 1e-9);
}

TEST(GymTest, HalfCheetahIsGymnasiums) { expect_gymnasium<HalfCheetahTask>("HalfCheetah"); }
TEST(GymTest, HopperIsGymnasiums) { expect_gymnasium<HopperTask>("Hopper"); }
TEST(GymTest, Walker2dIsGymnasiums) { expect_gymnasium<Walker2dTask>("Walker2d"); }
TEST(GymTest, AntIsGymnasiums) { expect_gymnasium<AntTask>("Ant"); }
TEST(GymTest, HumanoidIsGymnasiums) { expect_gymnasium<HumanoidTask>("Humanoid"); }
TEST(GymTest, HumanoidStandupIsGymnasiums) {
  expect_gymnasium<HumanoidStandupTask>("HumanoidStandup");
}

/// Whether the task ends an episode with qpos[index] = value.
template <class Task>
bool ends_at(int index, double value, const typename Task::Config& config = {}) {
  World<Task> world(config);
  world.data().qpos[index] = value;
  world.evaluate();
  return world.terminated();
}

TEST(GymTest, PlanarRobotsMustStayStrictlyInside) {
  EXPECT_TRUE(ends_at<HopperTask>(1, 0.7));
  EXPECT_FALSE(ends_at<HopperTask>(1, std::nextafter(0.7, 1.0)));
  EXPECT_FALSE(ends_at<HopperTask>(1, 1e9));
  EXPECT_TRUE(ends_at<HopperTask>(2, 0.2));
  EXPECT_TRUE(ends_at<HopperTask>(3, 100.0));
  EXPECT_FALSE(ends_at<HopperTask>(3, 99.0));
  EXPECT_TRUE(ends_at<Walker2dTask>(1, 2.0));
  EXPECT_TRUE(ends_at<Walker2dTask>(2, -1.0));
  EXPECT_FALSE(ends_at<Walker2dTask>(3, 100.0));
  EXPECT_TRUE(ends_at<HopperTask>(4, kNan));
}

TEST(GymTest, AntMayTouchItsBoundsButMustBeFinite) {
  EXPECT_FALSE(ends_at<AntTask>(2, 0.2));
  EXPECT_FALSE(ends_at<AntTask>(2, 1.0));
  EXPECT_TRUE(ends_at<AntTask>(2, std::nextafter(0.2, 0.0)));
  EXPECT_TRUE(ends_at<AntTask>(0, kNan));
  EXPECT_TRUE(ends_at<AntTask>(0, kInfinity));
}

TEST(GymTest, HumanoidMustStayStrictlyInside) {
  EXPECT_TRUE(ends_at<HumanoidTask>(2, 1.0));
  EXPECT_TRUE(ends_at<HumanoidTask>(2, 2.0));
  EXPECT_FALSE(ends_at<HumanoidTask>(2, std::nextafter(2.0, 1.0)));
}

TEST(GymTest, UnhealthyNeedNotEndTheEpisodeButIsNotPaid) {
  HumanoidConfig config;
  config.terminate_when_unhealthy = false;
  World<HumanoidTask> world(config);
  world.data().qpos[2] = 0.5;
  world.evaluate();
  EXPECT_FALSE(world.terminated());
  EXPECT_EQ(world.term("reward_survive"), 0.0);
}

TEST(GymTest, HopperSeesVelocitiesUpToTen) {
  World<HopperTask> world;
  const std::vector<double> qvel{11.0, -11.0, 10.0, 9.0, 0.0, -1e9};
  world.reset(world.model().qpos0, qvel.data());
  const std::vector<double> seen(world.observation().end() - 6, world.observation().end());
  EXPECT_THAT(seen, ElementsAre(10.0, -10.0, 10.0, 9.0, 0.0, -10.0));
}

TEST(GymTest, AntClipsContactForcesInCostAndObservation) {
  World<AntTask> world;
  world.data().cfrc_ext[6 * 3] = -7.0;
  world.data().cfrc_ext[6 * 3 + 5] = 0.5;
  world.evaluate();
  world.observe();
  EXPECT_DOUBLE_EQ(world.term("reward_contact"), -5e-4 * 1.25);
  EXPECT_EQ(world.observation()[13 + 14 + 6 * 2], -1.0);
  EXPECT_EQ(world.observation()[13 + 14 + 6 * 2 + 5], 0.5);
}

TEST(GymTest, HumanoidPaysAtMostTenForImpacts) {
  World<HumanoidTask> walking;
  walking.data().cfrc_ext[6] = 1e6;
  walking.evaluate();
  EXPECT_EQ(walking.term("reward_contact"), -10.0);
  World<HumanoidStandupTask> standing_up;
  standing_up.data().cfrc_ext[6] = 1000.0;
  standing_up.evaluate();
  EXPECT_DOUBLE_EQ(standing_up.term("reward_impact"), -0.5);
}

TEST(GymTest, ActionsAreTheActuatorsOwn) {
  const PolicyContract ant = World<AntTask>().spec().contract;
  EXPECT_THAT(ant.action_names, ElementsAre("hip_4", "ankle_4", "hip_1", "ankle_1", "hip_2",
                                            "ankle_2", "hip_3", "ankle_3"));
  EXPECT_THAT(ant.effort_limit, Each(150.0));
  constexpr double kDegree = 3.14159265358979323846 / 180.0;
  EXPECT_DOUBLE_EQ(ant.hard_lower[0], -30.0 * kDegree);
  EXPECT_DOUBLE_EQ(ant.hard_lower[1], 30.0 * kDegree);
  EXPECT_DOUBLE_EQ(ant.hard_upper[1], 70.0 * kDegree);
  EXPECT_THAT(World<HumanoidTask>().spec().contract.action_bound, Each(0.4));
}

TEST(GymTest, EpisodesStartNearTheModelsPose) {
  World<HopperTask> world;
  world.start(7);
  const std::vector<double> first(world.data().qpos, world.data().qpos + world.model().nq);
  for (int i = 0; i < world.model().nq; ++i) {
    EXPECT_NE(first[i], world.model().qpos0[i]);
    EXPECT_THAT(first[i], DoubleNear(world.model().qpos0[i], 5e-3));
  }
  world.start(7);
  EXPECT_EQ(first, std::vector<double>(world.data().qpos, world.data().qpos + world.model().nq));
  world.start(8);
  EXPECT_NE(first[0], world.data().qpos[0]);
}

TEST(GymTest, VelocitiesOfRunnersStartNormal) {
  World<HalfCheetahTask> world;
  constexpr int kEpisodes = 2000;
  double numbers = 0.0;
  double squares = 0.0;
  double largest = 0.0;
  for (std::uint32_t env = 0; env < kEpisodes; ++env) {
    world.start(1, env);
    for (int i = 0; i < world.model().nv; ++i, ++numbers) {
      squares += world.data().qvel[i] * world.data().qvel[i];
      largest = std::max(largest, std::abs(world.data().qvel[i]));
    }
  }
  // 18000 numbers: the variance is known to 1.1 % (one sigma), 4 sigma are allowed.
  EXPECT_NEAR(squares / numbers, 0.01, 0.0005);
  EXPECT_GT(largest, 0.3);  // no uniform number of this variance is
}

}  // namespace
}  // namespace fleet::tasks
