#pragma once

#include <limits>
#include <string>
#include <vector>

#include "apps/onnx/policy_file.h"

namespace fleet::onnx_files {

/// Two joints, seven observations: as small as a policy of position servos can be.
inline PolicyRecord small_record() {
  PolicyRecord record;
  PolicyContract& c = record.contract;
  c.task = "velocity";
  c.robot = "biped";
  c.control_period = 0.02;
  c.physics_timestep = 0.005;
  c.action_names = {"left_hip", "right_hip"};
  c.action_scale = {0.1, 1.0 / 3.0};
  c.action_offset = {-0.5, 0.5};
  c.action_bound = {4.0, std::numeric_limits<double>::infinity()};
  c.stiffness = {15.89524265323492, 35.76429596977857};
  c.damping = {1.0119225759919113, 2.2768257959818006};
  c.effort_limit = {23.7, 35.55};
  c.armature = {0.004026312, 0.009059202};
  c.position_lower = {-1.0, -0.8};
  c.position_upper = {1.0, 2.0};
  c.hard_lower = {-1.125, -std::numeric_limits<double>::infinity()};
  c.hard_upper = {1.125, 2.25};
  c.velocity_limit = {30.1, std::numeric_limits<double>::infinity()};
  c.command_names = {"lin_vel_x", "lin_vel_y", "ang_vel_z"};
  c.command_lower = {-1.0, -1.0, -0.5};
  c.command_upper = {1.0, 1.0, 0.5};
  record.observation = {
      {.name = "projected_gravity", .dim = 3, .unit = "1", .frame = "base", .noise = 0.05},
      {.name = "joint_pos", .dim = 2, .unit = "rad", .frame = "joint", .noise = 0.01},
      {.name = "actions", .dim = 2, .unit = "action units", .frame = "joint", .scale = 0.25}};
  record.action_delay = {0, 2};
  record.provenance = {.task = "biped-flat",
                       .judged_on = "biped-flat",
                       .algorithm = "ppo",
                       .seed = 7,
                       .env_steps = "5000000",
                       .policy_sha256 = std::string(64, 'a'),
                       .config_sha256 = std::string(64, 'b'),
                       .robot_sha256 = "",
                       .versions = {{"fleet", "0.1.0"}},
                       .figures = {{"fall_rate", 0.1}}};
  return record;
}

/// actions = elu(obs W^T + b), W (2, 7).
inline PolicyGraph small_graph() {
  PolicyGraph graph;
  graph.input_dim = 7;
  graph.output_dim = 2;
  std::vector<float> weight;
  for (int i = 0; i < 14; ++i) {
    weight.push_back(0.125F * static_cast<float>(i - 6));
  }
  graph.add_constant("weight", {2, 7}, weight);
  graph.add_constant("bias", {2}, {0.5F, -0.25F});
  const std::string x = graph.add_node("Gemm", {"obs", "weight", "bias"}, {{"transB", {1.0}}});
  graph.add_node("Elu", {x}, {}, "actions");
  return graph;
}

inline std::string small_policy() {
  return onnx_bytes(make_policy_file(small_graph(), small_record()));
}

}  // namespace fleet::onnx_files
