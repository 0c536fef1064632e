#pragma once

#include <array>
#include <string>
#include <vector>

#include "apps/deploy/robot_state.h"
#include "apps/onnx/policy_record.h"
#include "sim/model.h"
#include "sim/robot_config.h"

namespace fleet::deploy {

/// How the stand-in differs from the robot that the contract describes.
struct Scenario {
  std::string name = "nominal";
  int delay = 0;             ///< control steps that a command is late
  double gain = 1.0;         ///< times the motors' stiffness
  double friction = 0.0;     ///< slide friction of the feet; 0: as the robot's file has it
  double added_mass = 0.0;   ///< of the robot's own mass, added to the root body
  double push = 0.0;         ///< m/s: impulse / mass, horizontal, every push_period
  double push_period = 2.5;  ///< s
};

/// What the closed-loop table is made of.
std::vector<Scenario> standard_scenarios();

/// A robot's place taken by plain mj_step: MuJoCo's own solver to its default tolerance, elliptic
/// cones, everything that can collide. Of Fleet's training it shares the robot's file alone.
class StandIn {
 public:
  /// @param asset_dir the folder that RobotConfig::model is relative to
  /// @throws UserError if the robot's joints are not the contract's
  StandIn(const sim::RobotConfig& robot, const onnx_files::PolicyRecord& record,
          const Scenario& scenario, const std::string& asset_dir);

  /// Default pose, on the ground, at rest.
  void reset();

  /// Puts the root back to where reset() put it, at rest: as a gantry holds a robot that cannot
  /// stand yet.
  void hang();

  /// Simulates one control period under the command, or under an older one if it comes late.
  void advance(const JointCommand& command);

  /// Adds a velocity (m/s, world frame, horizontal) to the root, as an impulse would.
  void push(double x, double y);

  const mjModel& model() const { return *model_; }
  std::size_t num_joints() const { return qpos_.size(); }
  double time() const { return data_->time; }
  bool has_diverged() const;

  /// What the sensors tell now.
  void measure(RobotState& state) const;

  /// Of the root's origin: (x, y) in its own frame, and the yaw rate. m/s, m/s, rad/s
  std::array<double, 3> velocity() const;

 private:
  void apply(const Scenario& scenario, const sim::RobotConfig& robot);

  sim::ModelPtr model_;
  sim::DataPtr data_;
  onnx_files::PolicyRecord record_;
  double base_height_;
  int substeps_;
  int root_body_;
  int gyro_, velocimeter_;               // sensordata
  std::vector<int> qpos_, qvel_, ctrl_;  // addresses, policy order
  std::vector<JointCommand> late_;       // ring of delay + 1 commands
  std::size_t num_commands_ = 0;
};

}  // namespace fleet::deploy
