// mjlab 1.6.0's velocity tasks, recorded while they ran: every reward term, the observations and
// the joint targets are the same functions of the same quantities. tests/testdata/golden/ says what
// was recorded; FLEET_GOLDEN_DIR names another folder with longer recordings.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apps/files/safetensors.h"
#include "sim/mj_view.h"
#include "sim/model.h"
#include "sim/robot.h"
#include "tasks/velocity/velocity_task.h"
#include "tests/support/velocity_config.h"

namespace fleet::tasks {
namespace {

using Terms = VelocityTerms<sim::MjView>;

/// mjlab computes in single precision.
constexpr double kTolerance = 1e-6;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) {
    words.push_back(word);
  }
  return words;
}

/// Tensors (steps, envs, width), or (envs, width) for what does not change.
class Recording {
 public:
  explicit Recording(const std::string& robot)
      : reader_(folder() + "/mjlab_" + robot + "_flat.safetensors") {
    num_steps_ = static_cast<int>(reader_.info("reward/total").shape[0]);
    num_envs_ = static_cast<int>(reader_.info("reward/total").shape[1]);
    for (const files::TensorInfo& tensor : reader_.header().tensors) {
      values_[tensor.name] = reader_.values<float>(tensor.name);
    }
  }

  int num_steps() const { return num_steps_; }
  int num_envs() const { return num_envs_; }
  bool has(const std::string& name) const { return values_.contains(name); }
  std::vector<std::string> list(const std::string& key) const {
    return split(reader_.header().metadata.at(key));
  }

  /// Of a quantity that does not change.
  const float* lasting(const std::string& name, int env) const {
    const std::vector<float>& all = values_.at(name);
    return all.data() + static_cast<std::size_t>(env) * (all.size() / num_envs_);
  }
  const float* at(const std::string& name, int step, int env) const {
    const std::vector<float>& all = values_.at(name);
    const std::size_t width = all.size() / (static_cast<std::size_t>(num_steps_) * num_envs_);
    return all.data() + static_cast<std::size_t>(step * num_envs_ + env) * width;
  }
  template <std::size_t N>
  void copy(const std::string& name, int step, int env, int count,
            std::array<double, N>& target) const {
    std::copy_n(at(name, step, env), count, target.begin());
  }

  bool ended(int step, int env) const {
    return *at("terminated", step, env) != 0.0F || *at("truncated", step, env) != 0.0F;
  }

 private:
  static std::string folder() {
    const char* const given = std::getenv("FLEET_GOLDEN_DIR");
    return given != nullptr ? given : FLEET_SOURCE_DIR "/tests/testdata/golden";
  }

  files::SafetensorsReader reader_;
  std::map<std::string, std::vector<float>> values_;
  int num_steps_ = 0;
  int num_envs_ = 0;
};

/// Differences relative to the term's magnitude: to its value, or to 1 times its weight if that is
/// more, because a term that is nearly zero is a difference of larger numbers.
struct Worst {
  double difference = 0.0;
  int step = 0, env = 0;
  double ours = 0.0, theirs = 0.0;

  void see(double our, double their, double unit, int at_step, int at_env) {
    const double relative =
        our == their ? 0.0 : std::abs(our - their) / std::max(std::abs(their), unit);
    if (!(relative <= difference)) {
      *this = {relative, at_step, at_env, our, their};
    }
  }
};

void expect_close(const std::map<std::string, Worst>& worst) {
  for (const auto& [name, at] : worst) {
    EXPECT_LE(at.difference, kTolerance) << name << " at step " << at.step << ", env " << at.env
                                         << ": " << at.ours << " instead of " << at.theirs;
    std::ostringstream text;
    text << at.difference;
    ::testing::Test::RecordProperty(name, text.str());
  }
}

class VelocityGoldenTest : public ::testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() { sim::initialise_mujoco(); }

  const Recording recorded_{GetParam()};
  const VelocityConfig config_ = fleet::testing::load_velocity_config(GetParam() + "-flat");
  const sim::ModelPtr model_ = sim::build_robot(
      config_.robot, config_.physics, VelocityTask::sensors(config_), fleet::testing::kAssetDir);
  const VelocityTask task_{config_, *model_};
  const VelocityNumbers& numbers_ = task_.numbers();
  const sim::DataPtr data_ = sim::make_data(*model_);
  sim::MjView view_{model_.get(), data_.get()};

  /// What the reward saw. `peak` is mjlab's running maximum: it rises in the air, counts, and falls
  /// back to zero at the first contact, but not when an episode ends.
  VelocityInputs<double> inputs(int step, int env, std::array<double, kMaxFeet>& peak) const {
    const int joints = numbers_.num_joints;
    const int feet = numbers_.num_feet;
    VelocityInputs<double> in;
    const auto copy = [&](const std::string& name, int count, auto& target) {
      recorded_.copy("reward_in/" + name, step, env, count, target);
    };
    copy("command", 3, in.command);
    copy("root_link_lin_vel_b", 3, in.lin_vel);
    copy("root_link_ang_vel_b", 3, in.ang_vel);
    std::array<double, 4> quat{};
    copy(recorded_.has("reward_in/torso_quat_w") ? "torso_quat_w" : "root_quat_w", 4, quat);
    in.torso_gravity = rotate_inverse<double>(quat, {0.0, 0.0, -1.0});
    if (recorded_.has("reward_in/torso_ang_vel_w")) {
      copy("torso_ang_vel_w", 3, in.torso_rate);
      copy("angular_momentum", 3, in.angular_momentum);
      const float* const force = recorded_.at("reward_in/self_collision_force_history", step, env);
      for (int substep = 0; substep < config_.physics.substeps; ++substep) {
        const float* const f = force + 3 * substep;
        in.self_collisions += std::hypot(f[0], f[1], f[2]) > 10.0 ? 1.0 : 0.0;
      }
    }
    copy("joint_pos", joints, in.joint_pos);
    copy("action", joints, in.action);
    copy("previous_action", joints, in.previous_action);
    copy("foot_height", feet, in.foot_height);
    copy("foot_site_lin_vel_w", 3 * feet, in.foot_velocity);
    copy("foot_force_w", 3 * feet, in.foot_force);
    copy("foot_first_contact", feet, in.first_contact);
    std::array<double, kMaxFeet> found{};
    copy("foot_found", feet, found);
    for (int f = 0; f < feet; ++f) {
      in.foot_contact[f] = found[f] > 0.0 ? 1.0 : 0.0;
      peak[f] = found[f] == 0.0 ? std::max(peak[f], in.foot_height[f]) : peak[f];
      in.swing_peak[f] = peak[f];
      peak[f] = in.first_contact[f] != 0.0 ? 0.0 : peak[f];
    }
    return in;
  }

  /// The world as it was when the observation was made.
  void restore(int step, int env, VelocityMemory<double>& memory) {
    const int joints = numbers_.num_joints;
    const int feet = numbers_.num_feet;
    std::copy_n(recorded_.at("after/qpos", step, env), model_->nq, data_->qpos);
    std::copy_n(recorded_.at("after/qvel", step, env), model_->nv, data_->qvel);
    mj_forward(model_.get(), data_.get());
    memory = {};
    std::copy_n(recorded_.lasting("encoder_bias", env), joints, memory.encoder_bias.begin());
    if (!recorded_.ended(step, env)) {
      recorded_.copy("action", step, env, joints, memory.action);
    }
    recorded_.copy("after/command", step, env, 3, memory.command);
    recorded_.copy("after/foot_air_time", step, env, feet, memory.air_time);
    recorded_.copy("after/foot_force_w", step, env, 3 * feet, memory.foot_force);
    const float* const found = recorded_.at("after/foot_found", step, env);
    for (int f = 0; f < feet; ++f) {
      memory.foot_contact[f] = found[f] > 0.0F ? 1.0 : 0.0;
    }
  }

  void expect_same_observation(int group) {
    const ObservationGroup& layout = task_.spec().observations[static_cast<std::size_t>(group)];
    int width = 0;
    std::vector<std::string> names;
    for (const ObservationTerm& term : layout.terms) {
      width += term.dim;
      names.push_back(term.name);
    }
    EXPECT_EQ(names, recorded_.list(layout.name + "_terms"));
    std::vector<double> row(static_cast<std::size_t>(width));
    std::map<std::string, Worst> worst;
    VelocityMemory<double> memory;
    for (int step = 0; step < recorded_.num_steps(); ++step) {
      for (int env = 0; env < recorded_.num_envs(); ++env) {
        restore(step, env, memory);
        task_.observe(view_, memory, 0, group, row.data());
        const float* theirs = recorded_.at("observation/" + layout.name, step, env);
        const double* ours = row.data();
        for (const ObservationTerm& term : layout.terms) {
          for (int i = 0; i < term.dim; ++i) {
            worst[term.name].see(*ours++, *theirs++, 1.0, step, env);
          }
        }
      }
    }
    expect_close(worst);
  }
};

INSTANTIATE_TEST_SUITE_P(Robots, VelocityGoldenTest, ::testing::Values("go1", "g1"),
                         [](const auto& robot) { return robot.param; });

TEST_P(VelocityGoldenTest, RewardTermsAreMjlabs) {
  const std::vector<std::string> terms = recorded_.list("terms");
  const std::vector<std::string> weights = recorded_.list("weights");
  std::array<double, Terms::kNames.size()> ours{};
  std::vector<std::size_t> column;
  for (const std::string& term : terms) {
    const auto at = std::ranges::find(Terms::kNames, term);
    ASSERT_NE(at, Terms::kNames.end()) << term;
    column.push_back(static_cast<std::size_t>(at - Terms::kNames.begin()));
  }
  std::map<std::string, Worst> worst;
  std::vector<std::array<double, kMaxFeet>> peak(static_cast<std::size_t>(recorded_.num_envs()));
  for (int step = 0; step < recorded_.num_steps(); ++step) {
    for (int env = 0; env < recorded_.num_envs(); ++env) {
      const auto in = inputs(step, env, peak[static_cast<std::size_t>(env)]);
      Terms::evaluate(view_, in, numbers_, ours.data());
      const float* const theirs = recorded_.at("reward/terms", step, env);
      double total = 0.0;
      for (std::size_t i = 0; i < terms.size(); ++i) {
        worst[terms[i]].see(ours[column[i]], theirs[i], std::abs(std::stod(weights[i])), step, env);
        total += ours[column[i]] * numbers_.control_period;
      }
      const float* const their_total = recorded_.at("reward/total", step, env);
      worst["total"].see(total, *their_total, numbers_.control_period, step, env);
    }
  }
  expect_close(worst);
}

TEST_P(VelocityGoldenTest, WeightsAreMjlabs) {
  VelocityWeights weights = config_.reward;
  std::map<std::string, double> ours;
  weights.fields([&](const char* name, double weight) { ours[name] = weight; });
  const std::vector<std::string> terms = recorded_.list("terms");
  const std::vector<std::string> theirs = recorded_.list("weights");
  for (std::size_t i = 0; i < terms.size(); ++i) {
    EXPECT_EQ(ours[terms[i]], std::stod(theirs[i])) << terms[i];
    ours.erase(terms[i]);
  }
  for (const auto& [name, weight] : ours) {
    EXPECT_EQ(weight, 0.0) << name << " is no term of mjlab's";
  }
}

/// Terms that are always zero would prove nothing.
TEST_P(VelocityGoldenTest, TheRecordingExercisesEveryTerm) {
  const std::vector<std::string> terms = recorded_.list("terms");
  const std::vector<std::string> weights = recorded_.list("weights");
  for (std::size_t i = 0; i < terms.size(); ++i) {
    int nonzero = 0;
    for (int step = 0; step < recorded_.num_steps(); ++step) {
      for (int env = 0; env < recorded_.num_envs(); ++env) {
        nonzero += recorded_.at("reward/terms", step, env)[i] != 0.0F ? 1 : 0;
      }
    }
    EXPECT_EQ(nonzero > 0, std::stod(weights[i]) != 0.0) << terms[i];
  }
}

TEST_P(VelocityGoldenTest, JointsAndTheirNumbersAreMjlabs) {
  const PolicyContract& contract = task_.spec().contract;
  EXPECT_EQ(contract.action_names, recorded_.list("joints"));
  std::vector<std::string> feet;
  for (const sim::Foot& foot : config_.robot.feet) {
    feet.push_back(foot.name);
  }
  EXPECT_EQ(feet, recorded_.list("feet"));
  for (int j = 0; j < numbers_.num_joints; ++j) {
    const std::string& name = contract.action_names[static_cast<std::size_t>(j)];
    const float* const limits = recorded_.lasting("soft_joint_pos_limits", 0) + 2 * j;
    EXPECT_NEAR(numbers_.default_pos[j], recorded_.lasting("default_joint_pos", 0)[j], kTolerance)
        << name;
    constexpr double kSoftFactor = 0.9;  // mjlab's soft_joint_pos_limit_factor
    const double middle = 0.5 * (double{limits[0]} + double{limits[1]});
    const double half = 0.5 * (double{limits[1]} - double{limits[0]}) / kSoftFactor;
    EXPECT_NEAR(contract.hard_lower[static_cast<std::size_t>(j)], middle - half, 1e-6) << name;
    EXPECT_NEAR(contract.hard_upper[static_cast<std::size_t>(j)], middle + half, 1e-6) << name;
    EXPECT_NEAR(contract.action_scale[static_cast<std::size_t>(j)],
                recorded_.lasting("action_scale", 0)[j], kTolerance)
        << name;
    EXPECT_NEAR(numbers_.soft_lower[j], limits[0], kTolerance) << name;
    EXPECT_NEAR(numbers_.soft_upper[j], limits[1], kTolerance) << name;
  }
}

TEST_P(VelocityGoldenTest, ActorsObservationIsMjlabs) { expect_same_observation(0); }

TEST_P(VelocityGoldenTest, CriticsObservationIsMjlabs) { expect_same_observation(1); }

TEST_P(VelocityGoldenTest, JointTargetsAreMjlabs) {
  std::map<std::string, Worst> worst;
  VelocityMemory<double> memory;
  std::array<double, kMaxJoints> action{};
  for (int step = 0; step < recorded_.num_steps(); ++step) {
    for (int env = 0; env < recorded_.num_envs(); ++env) {
      if (recorded_.ended(step, env)) {
        continue;  // already those of the next episode
      }
      restore(step, env, memory);
      recorded_.copy("action", step, env, numbers_.num_joints, action);
      task_.before_substep(view_, memory, action.data());
      const float* const theirs = recorded_.at("after/position_target", step, env);
      for (int j = 0; j < numbers_.num_joints; ++j) {
        worst["position_target"].see(data_->ctrl[task_.addresses().ctrl[j]], theirs[j], 1.0, step,
                                     env);
      }
    }
  }
  expect_close(worst);
}

/// Commands that steer to a heading turn the robot there; standing ones are zero.
TEST_P(VelocityGoldenTest, HeadingCommandsAreMjlabs) {
  std::map<std::string, Worst> worst;
  VelocityMemory<double> memory;
  int steering = 0;
  for (int step = 0; step < recorded_.num_steps(); ++step) {
    for (int env = 0; env < recorded_.num_envs(); ++env) {
      restore(step, env, memory);
      memory.is_heading = *recorded_.at("after/is_heading", step, env);
      memory.is_standing = *recorded_.at("after/is_standing", step, env);
      memory.heading_target = *recorded_.at("after/heading_target", step, env);
      memory.command_time = memory.push_time = 1.0;
      steering += memory.is_heading != 0.0 && memory.is_standing == 0.0 ? 1 : 0;
      EXPECT_FALSE(task_.tick(view_, memory, Draws{}).scalar());
      for (int k = 0; k < 3; ++k) {
        worst["command"].see(memory.command[k], recorded_.at("after/command", step, env)[k], 1.0,
                             step, env);
      }
    }
  }
  EXPECT_GT(steering, 100);
  expect_close(worst);
}

/// Both say that feet press the ground downwards.
TEST_P(VelocityGoldenTest, FootForcesHaveMjlabsSign) {
  double sum = 0.0;
  for (int step = 20; step < 40; ++step) {
    for (int env = 0; env < recorded_.num_envs(); ++env) {
      for (int f = 0; f < numbers_.num_feet; ++f) {
        sum += recorded_.at("after/foot_force_w", step, env)[3 * f + 2];
      }
    }
  }
  const double weight = 9.81 * mj_getTotalmass(model_.get());
  EXPECT_NEAR(sum / (20 * recorded_.num_envs()), -weight, 0.3 * weight);
}

}  // namespace
}  // namespace fleet::tasks
