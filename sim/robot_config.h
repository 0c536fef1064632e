#pragma once

#include <array>
#include <limits>
#include <map>
#include <string>
#include <vector>

// A robot is data: a YAML file under configs/robots/ fills these structs, no C++ per robot.
// Wherever joints or geoms are named, a name is a regular expression that must match as a whole.
// One that matches nothing is refused. Maps by joint (default_pose, a task's pose_width) are merged
// when a task stands on another: `.*_hip_joint` for all and `FR_hip_joint` for one may both be
// there, and the narrower one wins (sim::resolve).

namespace fleet::sim {

/// One kind of motor: a position servo torque = stiffness (target - q) - damping qvel, limited.
struct ActuatorGroup {
  std::vector<std::string> joints;
  double stiffness = 0.0;     ///< N m / rad
  double damping = 0.0;       ///< N m s / rad
  double armature = 0.0;      ///< kg m^2, reflected rotor inertia
  double effort_limit = 0.0;  ///< N m
  /// rad/s that the motor reaches without load. Not simulated: the policy's contract tells robots.
  double velocity_limit = std::numeric_limits<double>::infinity();

  void fields(auto&& visit) {
    visit("joints", joints);
    visit("stiffness", stiffness);
    visit("damping", damping);
    visit("armature", armature);
    visit("effort_limit", effort_limit);
    visit("velocity_limit", velocity_limit);
  }
};

/// Contact settings of geoms; later rules override earlier ones. Empty lists leave MuJoCo's values.
struct CollisionRule {
  std::string geoms;
  std::vector<int> contype, conaffinity, condim, priority;
  std::vector<double> friction;  ///< slide, spin, roll; as many as given
  std::vector<double> solref;
  std::vector<double> margin;

  void fields(auto&& visit) {
    visit("geoms", geoms);
    visit("contype", contype);
    visit("conaffinity", conaffinity);
    visit("condim", condim);
    visit("priority", priority);
    visit("friction", friction);
    visit("solref", solref);
    visit("margin", margin);
  }
};

struct Foot {
  std::string name;
  std::string site;                               ///< its height is the foot's height
  std::string site_body;                          ///< not empty: the site is added to this body
  std::array<double, 3> site_pos{0.0, 0.0, 0.0};  ///< m, body frame; with site_body
  std::string contact_body;                       ///< whose subtree touches the ground as this foot
  std::string contact_geom;                       ///< or a single geom; one of the two
  std::string geoms;                              ///< friction is randomised on these

  void fields(auto&& visit) {
    visit("name", name);
    visit("site", site);
    visit("site_body", site_body);
    visit("site_pos", site_pos);
    visit("contact_body", contact_body);
    visit("contact_geom", contact_geom);
    visit("geoms", geoms);
  }
};

/// Left and right: a joint's mirror is found by swapping the words; `negate` lists the joints whose
/// sign flips with it. Empty: no symmetry is declared.
struct Symmetry {
  std::vector<std::array<std::string, 2>> swap;  ///< e.g. [["FR", "FL"], ["RR", "RL"]]
  std::vector<std::string> negate;

  void fields(auto&& visit) {
    visit("swap", swap);
    visit("negate", negate);
  }
};

struct RobotConfig {
  std::string name;
  std::string model;  ///< MJCF file below third_party/assets
  std::string root_body;
  std::string torso_body;  ///< what must stay upright, and whose centre of mass is randomised
  std::string imu_site;
  double base_height = 0.0;  ///< m, of the root at the start
  double soft_limit_factor = 0.9;
  std::map<std::string, double> default_pose;  ///< rad by joint; joints not named: 0
  std::vector<ActuatorGroup> actuators;
  std::vector<CollisionRule> collision;
  std::vector<Foot> feet;
  std::string fall_geoms;    ///< whose touching the ground means a fall; empty: none
  double fall_height = 0.0;  ///< m; a root below this has fallen
  Symmetry symmetry;

  void fields(auto&& visit) {
    visit("name", name);
    visit("model", model);
    visit("root_body", root_body);
    visit("torso_body", torso_body);
    visit("imu_site", imu_site);
    visit("base_height", base_height);
    visit("soft_limit_factor", soft_limit_factor);
    visit("default_pose", default_pose);
    visit("actuators", actuators);
    visit("collision", collision);
    visit("feet", feet);
    visit("fall_geoms", fall_geoms);
    visit("fall_height", fall_height);
    visit("symmetry", symmetry);
  }
};

/// MuJoCo's options for a task on flat ground.
struct PhysicsConfig {
  double timestep = 0.005;                  ///< s
  int substeps = 4;                         ///< physics steps per control step
  std::string integrator = "implicitfast";  ///< Euler, implicitfast
  std::string cone = "pyramidal";           ///< pyramidal, elliptic
  std::string solver = "Newton";            ///< Newton, CG, PGS
  std::string jacobian = "auto";            ///< auto, dense, sparse: same results, other speed
  int iterations = 10;
  int ls_iterations = 20;
  double tolerance = 1e-8;
  double impratio = 1.0;

  void fields(auto&& visit) {
    visit("timestep", timestep);
    visit("substeps", substeps);
    visit("integrator", integrator);
    visit("cone", cone);
    visit("solver", solver);
    visit("jacobian", jacobian);
    visit("iterations", iterations);
    visit("ls_iterations", ls_iterations);
    visit("tolerance", tolerance);
    visit("impratio", impratio);
  }
  std::string validate() const {
    return !(timestep > 0.0 && timestep <= 0.1)     ? "timestep: expected 0 to 0.1 s"
           : substeps < 1 || substeps > 1000        ? "substeps: expected 1 to 1000"
           : iterations < 1 || ls_iterations < 1    ? "iterations: expected 1 or more"
           : !(tolerance >= 0.0) || !(impratio > 0) ? "tolerance: expected 0 or more, impratio > 0"
                                                    : std::string();
  }
};

/// Which sensors build_robot() adds, beside gyro and velocimeter.
struct SensorSelection {
  bool self_collision = false;    ///< force of the first contact of the robot with itself
  bool angular_momentum = false;  ///< of the whole body
  bool torso_rate = false;        ///< angular velocity of the torso, world frame
  bool falls = false;             ///< ground force on each of the fall geoms
};

}  // namespace fleet::sim
