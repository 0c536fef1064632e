#pragma once

#include <string>
#include <vector>

// Plain data that every folder may read: the task writes it, exporter, runner and viewer read it.

namespace fleet {

/// One named piece of an observation row.
struct ObservationTerm {
  std::string name;  ///< as in the source task, e.g. "projected_gravity"
  int dim = 0;
  std::string unit;    ///< SI, "1" if dimensionless
  std::string frame;   ///< "world", "base", "joint", ...
  double noise = 0.0;  ///< half width of the uniform noise added for the actor
  double scale = 1.0;  ///< the observed number is the quantity times this
};

struct ObservationGroup {
  std::string name;    ///< "actor", "critic", or a skill's own group
  bool noisy = false;  ///< the terms' noise is added; the actor's group, unless switched off
  std::vector<ObservationTerm> terms;

  int dim() const {
    int sum = 0;
    for (const ObservationTerm& term : terms) {
      sum += term.dim;
    }
    return sum;
  }
};

/// What the outside must know to run a policy: plain data, no robot code. An action a in action
/// units becomes the actuator's set point offset + scale * a; the bound is in action units.
struct PolicyContract {
  std::string task;                       ///< family: "velocity", "volley", "hopper" ...
  std::string robot;                      ///< a file of configs/robots; "" where there is none
  double control_period = 0.0;            ///< s per policy step
  double physics_timestep = 0.0;          ///< s
  std::vector<std::string> action_names;  ///< (action_dim) joints or actuators, policy order
  std::vector<double> action_scale;       ///< (action_dim)
  std::vector<double> action_offset;      ///< (action_dim) rad: the default pose
  std::vector<double> action_bound;       ///< (action_dim) action units; infinity: none
  std::vector<double> stiffness;          ///< (action_dim) N m / rad; empty: not position-driven
  std::vector<double> damping;            ///< (action_dim) N m s / rad
  std::vector<double> effort_limit;       ///< (action_dim) N m
  std::vector<double> armature;           ///< (action_dim) kg m^2
  std::vector<double> position_lower;     ///< (action_dim) rad, soft limit: leaving it costs reward
  std::vector<double> position_upper;     ///< (action_dim) rad
  std::vector<double> hard_lower;         ///< (action_dim) rad, the joint's stop; -infinity: none
  std::vector<double> hard_upper;         ///< (action_dim) rad, infinity: none
  std::vector<double> velocity_limit;     ///< (action_dim) rad/s of the joint; infinity: not known
  std::vector<std::string> command_names;
  std::vector<double> command_lower, command_upper;
};

/// A mirror image of a row: out[i] = sign[i] * in[source[i]]. Empty: the task declares none.
struct Mirror {
  std::vector<int> source;
  std::vector<float> sign;
};

}  // namespace fleet
