#pragma once

#include <algorithm>
#include <cmath>
#include <random>

#include <mujoco/mujoco.h>

// Random states in which things touch.

namespace fleet::testing {

/// Whether a geom touches others: by its contype and conaffinity, or in a pair of its own.
inline bool touches(const mjModel& model, int geom) {
  bool found = model.geom_contype[geom] != 0 || model.geom_conaffinity[geom] != 0;
  for (int p = 0; p < model.npair; ++p) {
    found = found || model.pair_geom1[p] == geom || model.pair_geom2[p] == geom;
  }
  return found;
}

/// Whether MuJoCo searches for the contacts of two geoms, by their support functions, instead of
/// computing them. It stops where the distance gets better by less than ccd_tolerance, or by 1e-15;
/// place and direction are off by the order of that number's root.
inline bool is_searched(const mjModel& model, int geom1, int geom2) {
  const int type1 = model.geom_type[geom1];
  const int type2 = model.geom_type[geom2];
  return type1 >= mjGEOM_SPHERE && type2 >= mjGEOM_ELLIPSOID && type2 < mjGEOM_BOX &&
         !(type1 == mjGEOM_SPHERE && type2 == mjGEOM_CYLINDER);
}

/// Lets MuJoCo search as long as it gets better.
inline void search_long(mjModel& model) {
  model.opt.ccd_tolerance = 1e-12;
  model.opt.ccd_iterations = 200;
}

/// The lowest that any geom of a body reaches, in m; an underestimate for all but spheres.
inline double lowest_point(const mjModel& model, const mjData& data, int tree_root) {
  double lowest = 1e9;
  for (int g = 0; g < model.ngeom; ++g) {
    if (touches(model, g) && model.body_rootid[model.geom_bodyid[g]] == tree_root) {
      const double* axes = data.geom_xmat + 9 * g;
      const double* half = model.geom_aabb + 6 * g + 3;
      double centre = data.geom_xpos[3 * g + 2];
      for (int i = 0; i < 3; ++i) {
        centre += axes[6 + i] * model.geom_aabb[6 * g + i] - std::abs(axes[6 + i]) * half[i];
      }
      lowest = std::min(lowest, centre);
    }
  }
  return lowest;
}

/// Random joint angles; trees that float lie upright or tumbled, near z = 0 and near each other.
inline void randomise(const mjModel& model, mjData& data, std::mt19937_64& random) {
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const double tilt = uniform(0.0, 1.0) < 0.5 ? 0.2 : 2.0;
  for (int j = 0; j < model.njnt; ++j) {
    double* q = data.qpos + model.jnt_qposadr[j];
    const bool limited = model.jnt_limited[j] != 0;
    const double* range = model.jnt_range + 2 * j;
    switch (model.jnt_type[j]) {
      case mjJNT_FREE:
        for (int i = 0; i < 3; ++i) {
          q[i] = uniform(-0.2, 0.2);
        }
        q += 3;
        [[fallthrough]];
      case mjJNT_BALL:
        q[0] = 1.0;
        for (int i = 1; i < 4; ++i) {
          q[i] = uniform(-tilt, tilt);
        }
        mju_normalize4(q);
        break;
      case mjJNT_SLIDE:
        *q = limited ? uniform(range[0], range[1]) : uniform(-0.3, 0.3);
        break;
      default:
        *q = limited ? uniform(range[0], range[1]) : uniform(-1.5, 1.5);
    }
  }
  mj_kinematics(&model, &data);
  for (int j = 0; j < model.njnt; ++j) {
    if (model.jnt_type[j] == mjJNT_FREE) {
      const double lowest = lowest_point(model, data, model.body_rootid[model.jnt_bodyid[j]]);
      data.qpos[model.jnt_qposadr[j] + 2] += uniform(-0.06, 0.02) - lowest;
    }
  }
  mj_kinematics(&model, &data);
}

}  // namespace fleet::testing
